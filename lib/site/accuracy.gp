# One model, over `n_days` and up to `top`: day, RMSE over 30 days, that of persistence; second block: days a version began.
set yrange [0:*]
if (n_days < 60) { set format x "%d %b\n%Y" } else { set format x "%b\n%Y" }
plot data index 1 using 1:(top) with impulses lw 1 dt 3 lc rgb "#94a3b8" title "new version", \
     data index 0 using 1:3 with lines lw 1.6 dt 2 lc rgb "#b45309" title "RMSE of persistence", \
     data index 0 using 1:2 with lines lw 2 lc rgb "#2563eb" title "RMSE of the forecasts"
