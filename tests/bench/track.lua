-- Calls MLflow's tracking, over and over: BENCH_CALL says what, BENCH_RUNS names a file of run ids.
-- Each call is about another run.
local call, experiment = os.getenv("BENCH_CALL"), os.getenv("BENCH_EXPERIMENT")
local runs, api, n = {}, "/api/2.0/mlflow", 0
for line in io.lines(os.getenv("BENCH_RUNS")) do
    if #runs < 64 or not call:find("^log") then runs[#runs + 1] = line end
end

function setup(thread)
    thread:set("seed", math.random(1e9))
end

function init()
    math.randomseed(seed)
    n = seed % 1000000
    wrk.headers["Content-Type"] = "application/json"
    local token = os.getenv("BENCH_TOKEN")
    if token then wrk.headers["Authorization"] = "Bearer " .. token end
end

local function metric(key, step)
    return string.format('{"key":"%s","value":%.6f,"timestamp":1700000000000,"step":%d}', key, math.random(), step)
end

local calls = {}

calls["log-batch"] = function(run)
    local all = {}
    for i = 1, 100 do all[i] = metric("b" .. i, n) end
    return wrk.format("POST", api .. "/runs/log-batch", nil,
        '{"run_id":"' .. run .. '","metrics":[' .. table.concat(all, ",") .. "]}")
end

calls["log-metric"] = function(run)
    local body = metric("m1", n)
    return wrk.format("POST", api .. "/runs/log-metric", nil, '{"run_id":"' .. run .. '",' .. body:sub(2))
end

calls["get-run"] = function(run)
    return wrk.format("GET", api .. "/runs/get?run_uuid=" .. run .. "&run_id=" .. run)
end

calls["search"] = function()
    return wrk.format("POST", api .. "/runs/search", nil, '{"experiment_ids":["' .. experiment ..
        string.format('"],"filter":"metrics.m1 > 0.5 and params.p1 = \'v%d\'","order_by":["metrics.m2 DESC"],"max_results":20}',
            math.random(0, 9)))
end

calls["history"] = function()
    return wrk.format("GET", api .. "/metrics/get-history?metric_key=loss&max_results=25000&run_id=" .. os.getenv("BENCH_LONG"))
end

function request()
    n = n + 1
    return calls[call](runs[math.random(#runs)])
end

function done(summary, latency)
    io.write(string.format("BENCH %.1f %.2f %.2f %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
