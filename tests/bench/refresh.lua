-- SPDX-License-Identifier: GPL-3.0-or-later
-- wrk: each thread has one connection and one chain, and rotates its refresh token. The file named by TOKENS holds a token a line.
local tokens, threads = {}, 0
for line in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = line end

function setup(thread)
  threads = threads + 1
  thread:set("token", tokens[threads])
end

function request()
  return wrk.format("POST", "/oauth/token", { ["Content-Type"] = "application/x-www-form-urlencoded", ["Host"] = os.getenv("HOST") },
    "grant_type=refresh_token&client_id=" .. os.getenv("CLIENT_ID") .. "&refresh_token=" .. token)
end

function response(status, headers, body)
  local fresh = body:match('"refresh_token": ?"([^"]+)"')
  if status == 200 and fresh and not os.getenv("BARE") then token = fresh end
end
