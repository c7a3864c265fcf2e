-- name: accuracy_update
-- Works out accuracy over each window that ends at a day, for every version and for all together.
-- R2 is unknown for a truth that never changes, or by so little that the sums of its squares have
-- lost its spread to rounding; skill where persistence was never wrong.
INSERT INTO serve.accuracy AS a
    (model, version, window_days, as_of, n, mse, rmse, mae, r2, bias, skill, persistence_rmse,
     coverage)
SELECT model, coalesce(version, ''), window_days, $1::date, sum(n),
       sum(error_sq) / sum(n), sqrt(sum(error_sq) / sum(n)), sum(error_abs) / sum(n),
       CASE WHEN sum(truth_sq) - sum(truth_sum) ^ 2 / sum(n) > 1e-9 * sum(truth_sq)
            THEN 1 - sum(error_sq) / (sum(truth_sq) - sum(truth_sum) ^ 2 / sum(n)) END,
       sum(error_sum) / sum(n),
       1 - sum(repeat_model_sq) / nullif(sum(repeat_sq), 0),
       sqrt(sum(repeat_sq) / nullif(sum(n_repeat), 0)),
       sum(n_inside)::double precision / nullif(sum(n_interval), 0)::double precision
FROM serve.accuracy_day
JOIN unnest('{1,7,30,90,365}'::integer[]) AS window_days ON day > $1::date - window_days
WHERE day > $1::date - 365 AND day <= $1::date
GROUP BY GROUPING SETS ((model, version, window_days), (model, window_days))
ON CONFLICT (model, version, window_days, as_of) DO UPDATE
    SET n = excluded.n, mse = excluded.mse, rmse = excluded.rmse, mae = excluded.mae,
        r2 = excluded.r2, bias = excluded.bias, skill = excluded.skill,
        persistence_rmse = excluded.persistence_rmse, coverage = excluded.coverage;
