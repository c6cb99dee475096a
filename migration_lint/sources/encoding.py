"""The calls of many languages that turn a value into text or bytes, and back.

A call goes by its whole name (`json.dumps`) or, where that tells enough, by the last part of it.
"""

from __future__ import annotations

import re

from migration_lint.named_tuple import NamedTuple


class Coding(NamedTuple):
    """`encoding`: as contracts call it. `at`: the argument that it is about; -1: the receiver."""

    encoding: str
    at: int = 0


_JSON = (
    "json.Marshal json.MarshalIndent json.dumps orjson.dumps ujson.dumps simplejson.dumps rapidjson.dumps"
    " JSON.stringify json_encode JSON.generate JSON.dump serde_json.to_string serde_json.to_string_pretty"
    " serde_json.to_value serde_json.to_vec JsonSerializer.Serialize JsonConvert.SerializeObject"
    " json_encoder.encode jsonutil.Marshal jsoniter.Marshal sonic.Marshal sonic.MarshalString Oj.dump"
    " JsonSerializer.SerializeToUtf8Bytes Json.encode json.encode msgspec.json.encode MultiJson.dump"
).split()
_JSON_LAST = (
    "writeValueAsString writeValueAsBytes toJson to_json encodeToString model_dump_json"
    " toJSONString valueToTree Json"
    " Jsonb JSON JSONB json_dumps"
).split()
_JSON_ON = "toJson to_json model_dump_json json toJSONString".split()
_OTHERS: dict[str, str] = {
    **dict.fromkeys(
        "Join join implode joinToString Sprintf sprintf format String.format Sprint".split(), "text"
    ),
    **dict.fromkeys(
        "EncodeToString b64encode btoa base64_encode strict_encode64 encode64 ToBase64String"
        " urlsafe_b64encode"
        " standard_b64encode AppendEncode".split(),
        "base64",
    ),
    **dict.fromkeys(
        "isoformat toISOString iso8601 toIsoString to_rfc3339 toIso8601String".split(), "iso8601"
    ),
    **dict.fromkeys("hexlify bin2hex ToHexString hexdigest".split(), "hex"),
}
_WHOLE: dict[str, str] = {
    **dict.fromkeys(_JSON, "json"),
    "hex.EncodeToString": "hex", "hex.encode": "hex", "base64.StdEncoding.EncodeToString": "base64",
    "base64.encode": "base64", "base64.URLEncoding.EncodeToString": "base64url",
    "base64.RawURLEncoding.EncodeToString": "base64url", "base64.urlsafe_b64encode": "base64url",
    "gzip.compress": "gzip", "gzip.NewWriter": "gzip", "gzip.NewWriterLevel": "gzip", "zlib.compress": "zlib",
    "zlib.NewWriter": "zlib", "zlib.gzipSync": "gzip", "gzipSync": "gzip", "zlib.deflateSync": "zlib",
    "deflateSync": "zlib", "zstd.compress": "zstd", "zstd.NewWriter": "zstd", "bz2.compress": "bzip2",
    "lzma.compress": "xz", "lz4.frame.compress": "lz4", "snappy.Encode": "snappy",
    "snappy.compress": "snappy",
    "gzcompress": "zlib", "gzencode": "gzip", "Zlib.gzip": "gzip", "Zlib.deflate": "zlib",
    "Zlib.Deflate.deflate": "zlib",
    "pickle.dumps": "pickle", "marshal.dumps": "marshal", "serialize": "php", "Marshal.dump": "marshal",
    "msgpack.packb": "msgpack", "msgpack.Marshal": "msgpack", "msgpack.dumps": "msgpack", "yaml.dump": "yaml",
    "yaml.safe_dump": "yaml", "yaml.Marshal": "yaml", "yaml.stringify": "yaml", "YAML.stringify": "yaml",
    "xml.Marshal": "xml",
    "toml.Marshal": "toml", "cbor.Marshal": "cbor",
    "proto.Marshal": "protobuf", "protojson.Marshal": "json", "bson.Marshal": "bson", "csv.writer": "csv",
    "flate.NewWriter": "deflate", "base64.NewEncoder": "base64", "hex.NewEncoder": "hex", "repr": "text",
    "pprint.pformat": "text", "http_build_query": "text", "URLSearchParams": "text", "urlencode": "text",
}  # fmt: skip
_PROTOBUF = ("SerializeToString", "toByteArray", "SerializeToOstream")

_DECODERS: dict[str, str] = {
    **dict.fromkeys(
        "json.Unmarshal json.loads orjson.loads ujson.loads simplejson.loads json_decoder.decode db_to_json"
        " JSON.parse json_decode serde_json.from_str serde_json.from_slice serde_json.from_value"
        " JsonSerializer.Deserialize JsonConvert.DeserializeObject jsoniter.Unmarshal sonic.Unmarshal"
        " Json.decodeFromString Oj.load msgspec.json.decode JsonDocument.Parse JArray.Parse"
        " JObject.Parse".split(),
        "json",
    ),
    **dict.fromkeys("base64.b64decode base64.StdEncoding.DecodeString base64_decode atob".split(), "base64"),
    **dict.fromkeys("base64.urlsafe_b64decode base64.URLEncoding.DecodeString".split(), "base64url"),
    **dict.fromkeys("hex.DecodeString binascii.unhexlify hex2bin hex.decode".split(), "hex"),
    **dict.fromkeys(
        "strings.Split strings.SplitN strings.Fields strings.FieldsFunc strings.Lines bytes.Split"
        " explode".split(), "text"
    ),
    **dict.fromkeys("gzip.NewReader gzip.decompress gunzipSync zlib.gunzipSync gzdecode".split(), "gzip"),
    **dict.fromkeys("zlib.decompress zlib.NewReader zlib.inflateSync gzuncompress".split(), "zlib"),
    **dict.fromkeys("yaml.safe_load yaml.load yaml.Unmarshal".split(), "yaml"),
    **dict.fromkeys("pickle.loads".split(), "pickle"),
    "xml.Unmarshal": "xml", "proto.Unmarshal": "protobuf", "msgpack.unpackb": "msgpack",
    "msgpack.Unmarshal": "msgpack",
    "unserialize": "php", "csv.NewReader": "csv", "csv.reader": "csv",
}  # fmt: skip
_DECODERS_LAST: dict[str, str] = {
    **dict.fromkeys(
        "readValue readTree fromJson from_json decodeFromString model_validate_json parse_raw"
        " from_str from_slice".split(),
        "json",
    ),
    **dict.fromkeys("fromisoformat parseISO".split(), "iso8601"),
}
_DECODERS_ON: dict[str, str] = {
    **dict.fromkeys("split splitlines lines rsplit Split".split(), "text"),
}

#: Calls that change the type of a value and nothing of what it says.
_PASSES = frozenset(
    "string bytes []byte []uint8 str RawMessage json.RawMessage Valuer String from Buffer.from"
    " NewReader NewBuffer"
    " NewBufferString NewDecoder Binary memoryview bytearray copy clone Clone ptr Ptr Pointer"
    " to_owned pgtype.JSONB"
    " pq.Array StringIO BytesIO ByteSlice Some Ok valueOf of ofNullable cast Cast TrimSpace toUpperCase"
    " Trim".split()
)
_PASSES_ON = frozenset(
    "encode decode toString String to_s as_bytes as_str Bytes getvalue getBytes toByteArray"
    " to_string to_owned"
    " clone unwrap expect as_ref as_deref into strip trim rstrip getOrThrow read ReadAll text"
    " orElse orElseThrow get"
    " as_slice to_vec into_bytes map_err".split()
)


def encoder(full: str) -> Coding | None:
    """What a call makes of its value; None for one that is not known to encode."""
    last = full.rpartition(".")[2]
    for name in _endings(full):
        if name in _WHOLE:
            return Coding(_WHOLE[name])
    if last in _JSON_LAST:
        return Coding("json")
    if last in _PROTOBUF[:1]:
        return Coding("protobuf", -1)
    if last in _OTHERS:
        return Coding(_OTHERS[last])
    return None


def encodes_itself(full: str) -> bool:
    """Whether a call without arguments gives what it is called on as JSON."""
    return full.rpartition(".")[2] in _JSON_ON


def decoder(full: str) -> Coding | None:
    """What a call takes its value for; None for one that is not known to decode."""
    last = full.rpartition(".")[2]
    for name in _endings(full):
        if name in _DECODERS:
            return Coding(_DECODERS[name])
    if last in _DECODERS_LAST:
        return Coding(_DECODERS_LAST[last])
    if last in _DECODERS_ON and "." in full:
        return Coding(_DECODERS_ON[last], -1)
    return None


def passes(full: str) -> Coding | None:
    """Which value a call gives on as it is; None where it does anything to it."""
    last = full.rpartition(".")[2]
    if last in _PASSES_ON and "." in full:
        return Coding("", -1)
    return Coding("") if full in _PASSES or last in _PASSES else None


def is_rfc3339(text: str) -> bool:
    """Whether a format of a date and time is that of ISO 8601."""
    return bool(re.search(r"RFC3339|ISO_(?:INSTANT|OFFSET_DATE_TIME)|DateTimeFormatter\.ISO", text))


def _endings(full: str) -> tuple[str, ...]:
    parts = full.split(".")
    return tuple(".".join(parts[start:]) for start in range(len(parts)))
