# Makes /api/openapi.json of www/api/*.json: jq -cs -f document.jq *.json
#
# A file is a group: "x-group" names it, and is the tag of its operations. It has "paths" and
# "components" as OpenAPI has them, and it may tell operations in a line each, below a prefix that
# its group names (and prefixes that mean the same, in "also", or for several in "x-prefixes"):
#
#   "operations": {"POST /runs/create": ["Make a run", "experiment_id! tags:[KeyValue]", "run:Run"]}
#
# That is: what it does, the fields of the request, the fields of the answer, and the role where it
# is not the group's. A field is name, "!" if it must be given, ":" and its type unless it is text:
# int, number, bool, [] (a list of texts), Name (a schema), [Name]. The fields of GET are query
# values, as are those that begin with "?". "*" alone is a body of any bytes. The method "*" is any.

def schema:
  if . == null then {type: "string"}
  elif . == "int" then {type: "integer", format: "int64"}
  elif . == "number" then {type: ["number", "string"]}
  elif . == "bool" then {type: "boolean"}
  elif . == "[]" then {type: "array", items: {type: "string"}}
  elif startswith("[") then {type: "array", items: (.[1:-1] | schema)}
  else {"$ref": ("#/components/schemas/" + .)}
  end;

def fields:
  split(" ") | map(select(. != "" and . != "*")
    | capture("^(?<query>\\??)(?<name>[A-Za-z0-9_]+)(?<must>!?)(:(?<type>.+))?$"));

def object_of:
  {type: "object", properties: (map({key: .name, value: (.type | schema)}) | from_entries)}
  + (map(select(.must == "!") | .name) | if . == [] then {} else {required: .} end);

def body($text; $fields):
  if ($text | test("(^| )\\*( |$)")) then {"application/octet-stream": {schema: {}}}
  else {"application/json": {schema: ($fields | object_of)}}
  end;

def parameter($where):
  {name, in: $where, required: (.must == "!" or $where == "path"), schema: (.type | schema)};

def operation($group; $method; $path):
  . as [$summary, $request, $answer, $role]
  | ($request | fields) as $all
  | ($all | map(select($method == "GET" or .query == "?"))) as $query
  | ([$path | scan("\\{([a-z_]+)") | {name: .[0], must: "!"}]) as $parts
  | ($role // $group.role) as $role
  | {
      summary: $summary,
      operationId: ((($group.prefix + $path) | gsub("[^A-Za-z0-9]+"; "-") | .[1:]) + "-" + ($method | ascii_downcase)),
      "x-role": $role,
      security: (if $role == "public" then [] else [{token: []}, {basic: []}] end),
      parameters: (($parts | map(parameter("path"))) + ($query | map(parameter("query")))),
      responses: ({"200": {description: "Done", content: body($answer; $answer | fields)}}
        + (["400", "401", "403", "404"] | map({key: ., value: {"$ref": "#/components/responses/MlflowError"}}) | from_entries))
    }
  + (if $method == "GET" or $request == "" then {}
     else {requestBody: {content: body($request; $all - $query)}} end);

def expand:
  .["x-group"] as $group
  | reduce ((.operations // {}) | to_entries[] | (.key / " ") as [$method, $path]
            | {method: ($method | if . == "*" then "GET", "POST", "PUT", "PATCH", "DELETE" else . end), $path, value}) as $one (.;
      .paths[($group.prefix // "") + ($one.path | gsub("\\*\\}"; "}"))][$one.method | ascii_downcase]
          = ($one.value | operation($group; $one.method; $one.path)))
  | del(.operations, .["x-group"])
  | .paths |= ((. // {}) | map_values(map_values(.tags = [$group.name])))
  | .tags = [$group // empty | {name, description}]
  | .["x-prefixes"] += (if $group.also then {($group.prefix): $group.also} else {} end);

def told: [.paths // {} | to_entries[] | .key as $path | .value | keys[] | . + " " + $path];

map(expand)
| (map(told[]) | group_by(.) | map(select(length > 1)[0])) as $twice
| if $twice != [] then error("told twice: " + ($twice | join(", "))) else . end
| map(.tags) as $tags
| reduce .[] as $part ({}; . * $part)
| .tags = ($tags | add)
