using Functions.Http;
using Functions.Worker.Http;
using Inference.Protocols.Embeddings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting;

/// <summary>The worker's own errors, such as 401 and 405, in OpenAI's form where the functions' errors have it.</summary>
internal static partial class InferenceServices
{
    static partial void AddErrorForm(IServiceCollection services) =>
        services.AddSingleton(new ErrorForm(HasOpenAiErrors, EmbeddingWriter.WriteError));

    private static bool HasOpenAiErrors(HttpRequest request)
    {
        var path = request.Path.Value.AsSpan().TrimEnd('/');
        if (IsSame(path, "/v1/embeddings") || IsSame(path, OpenAiModels.Path))
            return true;
        // Below that path are also calls of TensorFlow Serving, whose errors have its form: model:predict, model/metadata.
        return path.StartsWith($"{OpenAiModels.Path}/", StringComparison.OrdinalIgnoreCase)
            && path[(OpenAiModels.Path.Length + 1)..].IndexOfAny('/', ':') < 0
            && OpenAiModels.IsWantedBy(request);
    }

    private static bool IsSame(ReadOnlySpan<char> path, string route) => path.Equals(route, StringComparison.OrdinalIgnoreCase);
}
