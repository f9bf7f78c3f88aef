using System.IO.Compression;
using System.Text;

namespace Functions.Tests.Clients;

/// <summary>Requests with the methods, headers and addresses that clients, monitors and proxies send.</summary>
internal static class SurfaceCases
{
    private const string Predict =
        "/models/dynamic_inner/predict", Infer = "/v2/models/dynamic_inner/infer", Rows = "/v1/models/dynamic_inner:predict";
    private const string Load = "/v2/repository/models/dynamic_inner/load", Unload = "/v2/repository/models/dynamic_inner/unload";
    private const string Features = """{"features":[[1,2]]}""";
    private const string Instances = """{"instances":[[1,2]]}""";
    private const string Tensor = """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}""";
    private const string Form = "Content-Type: application/x-www-form-urlencoded";
    private const string Bearer = "Authorization: Bearer sk-anything";

    private static readonly string[] ReadRoutes =
    [
        "/", "/play", "/metrics", "/models", "/models/dynamic_inner", "/v1/models", "/v1/models/dynamic_inner", "/v2",
        "/v2/models/dynamic_inner", "/health/live",
        "/v2/health/ready", "/openapi.json", "/status",
    ];

    public static IEnumerable<ClientCase> All =>
    [
        .. ReadRoutes.Select(route => new ClientCase($"UptimeRobot: HEAD {route}", route) { Method = "HEAD" }),
        .. ReadRoutes.Select(route =>
            new ClientCase(
                $"HAProxy: OPTIONS {route}", route) { Method = "OPTIONS", Status = 204, ExpectedHeaders = ["Allow: GET, HEAD"] }),
        new("OPTIONS of a call", Predict) { Method = "OPTIONS", Status = 204, ExpectedHeaders = ["Allow: POST, OPTIONS"] },
        new("DELETE of a list", "/models") { Method = "DELETE", Status = 405, ExpectedTexts = ["\"methodNotAllowed\""],
            ExpectedHeaders = ["Allow: GET, HEAD, OPTIONS"] },
        new("HEAD of nothing", "/nothing") { Method = "HEAD", Status = 404 },
        new("a path of nothing", "/nothing") { Status = 404, ExpectedTexts = ["\"code\":\"routeNotFound\""],
            ExpectedHeaders = ["Inference-Error-Code: routeNotFound"] },
        .. Types(),
        .. Codes(),
        .. Codings(),
        .. Forms(),
        new("OpenAI: models.list", "/v1/models") { Headers = [Bearer],
            ExpectedTexts = ["{\"object\":\"list\",\"data\":[", "\"id\":\"dynamic_inner\",\"object\":\"model\",\"created\":1"] },
        new("OpenAI: models.retrieve", "/v1/models/dynamic_inner") { Headers = [Bearer],
            ExpectedTexts = ["{\"id\":\"dynamic_inner\",\"object\":\"model\",\"created\":1", "\"model_version_status\""] },
        new("OpenAI: models.retrieve of none", "/v1/models/none") { Headers = [Bearer], Status = 404,
            ExpectedTexts = ["{\"error\":{\"message\"", "\"model_not_found\""] },
        new("TF Serving: status", "/v1/models/dynamic_inner") { ExpectedTexts =
            ["{\"model_version_status\":["], UnexpectedTexts = ["\"object\""] },
        new("TF Serving: status of none", "/v1/models/none") { Status = 404, ExpectedTexts = ["{\"error\":\""],
            ExpectedHeaders = ["Inference-Error-Code: modelNotFound"] },
        new("OpenAPI at the root", "/openapi.json") { ExpectedTexts = ["\"servers\":[{\"url\":\"/\"}]"] },
        new("Traefik: StripPrefix", "/openapi.json") { Headers = ["X-Forwarded-Prefix: /ml"], ExpectedTexts =
            ["\"servers\":[{\"url\":\"/ml\"}]"] },
        new("nginx: all three", "/openapi.json")
        {
            Headers = ["X-Forwarded-Prefix: /ml/", "X-Forwarded-Proto: https", "X-Forwarded-Host: api.example.org"],
            ExpectedTexts = ["\"servers\":[{\"url\":\"https://api.example.org/ml\"}]"],
        },
        new("the page at the root", "/") { ExpectedTexts = ["src=\"play/app.js\"", "href=\"play/page.css\""] },
        new("the page with a slash", "/play/") { ExpectedTexts = ["src=\"app.js\"", "href=\"page.css\""] },
        new("Traefik: the page without a slash", "/") { Headers = ["X-Forwarded-Prefix: /ml"],
            ExpectedTexts = ["src=\"/ml/play/app.js\"", "href=\"/ml/play/page.css\""], UnexpectedTexts = ["\"play/"] },
        new("Traefik: the page by its path", "/play") { Headers = ["X-Forwarded-Prefix: /ml"], ExpectedTexts =
            ["src=\"/ml/play/app.js\""] },
        new("the page with a prefix of other characters", "/") { Headers = ["X-Forwarded-Prefix: /a&quot;b"],
            ExpectedTexts = ["src=\"/a&amp;quot;b/play/app.js\""] },
        new("a forged prefix", "/openapi.json") { Headers = ["X-Forwarded-Prefix: //evil.example"],
            ExpectedTexts = ["\"servers\":[{\"url\":\"/\"}]"], UnexpectedTexts = ["evil"] },
    ];

    /// <summary>Returns a case for each error code and each format of errors.</summary>
    private static IEnumerable<ClientCase> Codes()
    {
        yield return Code("not JSON", Predict, "{", "invalidJson") with { ExpectedTexts = ["\"code\":\"invalidJson\""] };
        yield return Code("not JSON to infer", Infer, "{", "invalidJson") with { ExpectedTexts = ["{\"error\":\""] };
        yield return Code("not JSON to TF Serving", Rows, "{", "invalidJson");
        yield return Code("an input of another name", Infer, Tensor.Replace("\"x\"", "\"y\"", StringComparison.Ordinal), "invalidName");
        yield return Code("an input of another rank", Infer,
            Tensor.Replace("[1,2],\"data\":[1,2]", "[1],\"data\":[1]", StringComparison.Ordinal), "invalidShape");
        yield return Code("an input of another type", Infer, Tensor.Replace("FP32", "INT64", StringComparison.Ordinal), "invalidType");
        yield return Code("no such model", "/models/none/predict", Features, "modelNotFound", 404);
        yield return Code("no such version", "/models/dynamic_inner/versions/7/predict", Features, "versionNotFound", 404);
        yield return Code("no such label", "/v1/models/dynamic_inner/labels/none:predict", Instances, "versionNotFound", 404);
        yield return Code("embeddings of no model", "/v1/embeddings", """{"model":"none","input":"x"}""", "modelNotFound",
            404) with
        { ExpectedTexts = ["model_not_found"] };
        yield return Code("a job without storage", "/models/dynamic_inner/jobs", Features, "storageNotSet",
            501) with
        { ExpectedTexts = ["InferenceStorage", "storageNotSet"] };
        yield return new(
            "no file of the page", "/play/none.js")
        { Status = 404, ExpectedHeaders = ["Inference-Error-Code: routeNotFound"] };
    }

    private static ClientCase Code(string name, string path, string body, string code, int status = 400) =>
        new(name, path, body) { Status = status, ExpectedHeaders = [$"Inference-Error-Code: {code}"] };

    private static IEnumerable<ClientCase> Types() =>
        from type in (string[])["application/json; charset=\"utf-8\"", "Application/JSON;Charset=UTF8", "text/json",
            "application/vnd.api+json", ""]
        from call in ((string Path, string Body)[])[(Predict, Features), (Infer, Tensor), (Rows, Instances)]
        select new ClientCase($"Content-Type {type} to {call.Path}", call.Path, call.Body)
        {
            Headers = [$"Content-Type: {type}"],
            UnexpectedTexts = ["\"error\""]
        };

    private static IEnumerable<ClientCase> Codings() =>
        from coding in (string[])["GZIP", "x-gzip", "identity, gzip"]
        from call in ((string Path, string Body)[])[(Predict, Features), (Infer, Tensor), (Rows, Instances)]
        select new ClientCase($"Content-Encoding {coding} to {call.Path}", call.Path)
        {
            Method = "POST",
            Content = Gzip(call.Body),
            Headers = [$"Content-Encoding: {coding}"]
        };

    private static IEnumerable<ClientCase> Forms()
    {
        yield return new("identity is no coding", Predict, Features) { Headers = ["Content-Encoding: identity"] };
        yield return new("br", Predict, Features)
        {
            Headers = ["Content-Encoding: br"],
            Status = 415,
            ExpectedTexts = ["gzip, deflate", "unsupportedEncoding"]
        };
        yield return new("gzip that was cut off", Predict)
        {
            Content = Gzip(Features)[..^9],
            Headers = ["Content-Encoding: gzip"],
            Status = 400,
            ExpectedTexts = ["or it is incomplete"],
        };
        foreach (var path in (string[])[Predict, Rows, "/v1/embeddings"])
        {
            yield return new($"no body: {path}", path, "\n")
            {
                Status = 400,
                ExpectedTexts = ["The body is empty; a JSON object is expected."],
                ExpectedHeaders = ["Inference-Error-Code: invalidJson"]
            };
        }

        yield return new("no body: infer", Infer, "") { Status = 400, ExpectedHeaders = ["Inference-Error-Code: invalidJson"] };
        yield return new("curl -d: infer", Infer, Tensor) { Headers = [Form], ExpectedTexts = ["\"outputs\""] };
        yield return new(
            "fetch: infer", Infer, Tensor)
        { Headers = ["Content-Type: text/plain;charset=UTF-8"], ExpectedTexts = ["\"outputs\""] };
        yield return new("curl -d: TF Serving", Rows, Instances) { Headers = [Form], ExpectedTexts = ["\"predictions\""] };
        foreach (var path in (string[])[Predict, Load, Unload, "/v2/repository/index", "/v1/embeddings",
            "/models/dynamic_inner/versions/1/predict"])
        {
            foreach (var type in (string[])[Form, "Content-Type: text/plain", "Content-Type: multipart/form-data; boundary=x"])
            {
                // A form with a file is accepted as an image. ImageCases has tests for forms.
                if (type.Contains("multipart", StringComparison.Ordinal) && path.EndsWith("predict", StringComparison.Ordinal))
                    continue;
                yield return new($"{type} to {path}", path, "{}")
                {
                    Headers = [type],
                    Status = 415,
                    ExpectedTexts = ["Content-Type: application/json"],
                    ExpectedHeaders = ["Inference-Error-Code: unsupportedMediaType"],
                };
            }
        }

        // A server without keys checks the origin before the content type.
        yield return new("a form of another site: infer", Infer, Tensor)
        {
            Headers = [Form, "Origin: https://evil.example"],
            Status = 403,
            ExpectedTexts = ["The request is from a web page"]
        };
        yield return new("a form of another site: TF Serving", Rows, Instances)
        {
            Headers = [Form, "Sec-Fetch-Site: cross-site"],
            Status = 403
        };
    }

    private static byte[] Gzip(string text)
    {
        using var body = new MemoryStream();
        using (var gzip = new GZipStream(body, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return body.ToArray();
    }
}
