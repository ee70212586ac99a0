ALTER TABLE calls ADD COLUMN kind TEXT NOT NULL DEFAULT 'tools/call';
CREATE TABLE usage_days (
  day TEXT NOT NULL,
  mcp TEXT NOT NULL,
  tool TEXT NOT NULL,
  token_id TEXT NOT NULL,
  member TEXT NOT NULL,
  calls INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  denied INTEGER NOT NULL,
  rate_limited INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  latencies TEXT NOT NULL,
  PRIMARY KEY (day, mcp, tool, token_id, member)
) WITHOUT ROWID;
INSERT INTO usage_days
WITH counted AS (
  SELECT
    strftime('%Y-%m-%d', at / 1000, 'unixepoch') AS day,
    mcp,
    CASE error_code WHEN 'tool.unknown' THEN '-' ELSE tool END AS tool,
    ifnull(token_id, '-') AS token_id,
    ifnull(member, '-') AS member,
    at,
    outcome,
    outcome = 'denied' AND error_code IN ('token.rate-limited', 'token.quota') AS limited,
    CAST(round(ln(max(latency_ms, 0.1) * 10) / ln(1.1)) AS INTEGER) AS bucket
  FROM calls
),
buckets AS (
  SELECT day, mcp, tool, token_id, member, bucket, count(*) AS count
  FROM counted
  WHERE outcome <> 'denied'
  GROUP BY 1, 2, 3, 4, 5, 6
),
spread AS (
  SELECT day, mcp, tool, token_id, member, json_group_object(bucket, count) AS latencies
  FROM buckets
  GROUP BY 1, 2, 3, 4, 5
)
SELECT day, mcp, tool, token_id, member,
  count(*),
  sum(outcome IN ('tool-error', 'failed')),
  sum(outcome = 'denied'),
  sum(ifnull(limited, 0)),
  max(at),
  ifnull(max(latencies), '{}')
FROM counted LEFT JOIN spread USING (day, mcp, tool, token_id, member)
GROUP BY 1, 2, 3, 4, 5;
