-- Which request does wrk send next? The lines of a file (method, path, token), each at most once where that is asked.
local requests, at, once = {}, 0, false

function init(args)
  once = args[2] == "true"
  for line in io.lines(args[1]) do
    local method, path, token = line:match("(%S+) (%S+) (%S+)")
    requests[#requests + 1] = wrk.format(method, path, { Authorization = "Bearer " .. token })
  end
end

function request()
  at = at + 1
  if at > #requests then
    at = 1
    if once then wrk.thread:stop() end
  end
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\n{"count":%d,"micros":%d,"p50":%f,"p99":%f,"failed":%d,"lost":%d}\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
