// What an envelope's keys can and cannot be, as the contract says it.
const nullable = new Set([
  "source_service", "source_version", "source_instance", "correlation_id", "causation_id", "region", "partition_key",
  "target_tool", "security_context", "timeout_seconds", "request_id", "trace_id", "span_id",
  "metadata.trace_id", "metadata.span_id", "metadata.parent_span_id", "metadata.request_id",
]);
const particular =
  /(^|\.)(event_id|envelope_id|event_type|event_timestamp|envelope_timestamp|payload_type|correlation_id|operation|node_type|service_name|lifecycle_stage|event_category|\w+_at)$/;

function optional(path, { payload }) {
  return path === "payload.metadata" || (path === "payload.correlation_id" && "metric_name" in payload);
}

// damages returns copies of an envelope that the contract does not allow, and
// says of each what is wrong with it.
export function damages(envelope) {
  const list = [];
  const damage = (path, what, value) => {
    list.push({ what: `${path} is ${what}`, damaged: changed(envelope, path.split("."), value) });
  };
  for (const path of paths(envelope)) {
    if (!optional(path, envelope)) damage(path, "missing", undefined);
    if (!nullable.has(path)) damage(path, "null", null);
    if (particular.test(path)) damage(path, "any text", "any");
    damage(path, "a list", []);
  }
  return list;
}

function paths(envelope) {
  const below = ["payload", "metadata"].flatMap((key) => Object.keys(envelope[key]).map((k) => `${key}.${k}`));
  return [...Object.keys(envelope), ...below];
}

function changed(envelope, path, value) {
  const copy = structuredClone(envelope);
  const last = path.pop();
  const parent = path.reduce((object, key) => object[key], copy);
  if (value === undefined) {
    delete parent[last];
  } else {
    parent[last] = value;
  }
  return copy;
}
