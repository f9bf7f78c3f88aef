using Functions.Http;
using Functions.Worker.Http;
using Inference.Diagnostics;
using Inference.Protocols.Embeddings;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Rerank;
using Inference.Protocols.TextEmbeddings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting;

/// <summary>
/// Counts the worker's own errors, such as 401 and 405, and writes them in the error format of the functions on the same route.
/// </summary>
internal static partial class InferenceServices
{
    /// <summary>The last segments of the routes of Text Embeddings Inference.</summary>
    private static readonly string[] TextRoutes =
        ["embed", "embed_all", "embed_sparse", "similarity", "rerank", "classify", "tokenize", "decode", "info"];

    static partial void AddErrorFormats(IServiceCollection services) => services
        .AddSingleton(new ErrorListener(InferenceMetrics.RecordError))
        .AddSingleton(new ErrorFormat(HasOpenAiErrors, EmbeddingWriter.WriteError))
        .AddSingleton(new ErrorFormat(HasRerankErrors, static (output, _, message) => RerankCall.WriteError(output, message)))
        .AddSingleton(new ErrorFormat(HasTextErrors, TextEmbeddingsErrorWriter.Write))
        // The other formats precede this one, because some of their paths are below the same prefixes.
        .AddSingleton(new ErrorFormat(HasMessageErrors, static (output, _, message) => OpenInferenceWriter.WriteError(output, message)));

    private static bool HasOpenAiErrors(HttpRequest request)
    {
        var path = PathOf(request);
        if (IsSame(path, "/v1/embeddings") || IsSame(path, OpenAiModelFunctions.Path))
            return true;
        // TensorFlow Serving's calls, such as /v1/models/iris:predict and /v1/models/iris/metadata, are below the same path. The errors of
        // these calls have TensorFlow Serving's format.
        return path.StartsWith($"{OpenAiModelFunctions.Path}/", StringComparison.OrdinalIgnoreCase)
            && path[(OpenAiModelFunctions.Path.Length + 1)..].IndexOfAny('/', ':') < 0
            && OpenAiModelFunctions.IsOpenAiRequest(request);
    }

    private static bool HasRerankErrors(HttpRequest request) =>
        PathOf(request) is var path && (IsSame(path, "/v1/rerank") || IsSame(path, "/v2/rerank"));

    /// <summary>
    /// Whether a request is a call of Text Embeddings Inference. The path <c>/models/{model}</c> is such a call only with POST.
    /// </summary>
    private static bool HasTextErrors(HttpRequest request)
    {
        const string Models = "/models/";
        var path = PathOf(request);
        if (!path.StartsWith(Models, StringComparison.OrdinalIgnoreCase))
            return false;
        path = path[Models.Length..];
        var slash = path.IndexOf('/');
        if (slash < 0)
            return HttpMethods.IsPost(request.Method);
        foreach (var route in TextRoutes)
        {
            if (IsSame(path[(slash + 1)..], route))
                return true;
        }

        return false;
    }

    /// <summary>Whether a request is a call of the Open Inference Protocol or of TensorFlow Serving.</summary>
    private static bool HasMessageErrors(HttpRequest request) =>
        PathOf(request) is var path
        && (IsSame(path, "/v2")
            || path.StartsWith("/v2/", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith($"{OpenAiModelFunctions.Path}/", StringComparison.OrdinalIgnoreCase));

    private static ReadOnlySpan<char> PathOf(HttpRequest request) => request.Path.Value.AsSpan().TrimEnd('/');

    private static bool IsSame(ReadOnlySpan<char> path, string route) => path.Equals(route, StringComparison.OrdinalIgnoreCase);
}
