using Functions.Hosting;
using Functions.Predictions;
using Inference;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>
/// The web page. The page is the same for every user and contains no data, so it needs no key. The routes that the page calls need a key.
/// </summary>
public sealed class PageFunctions
{
    [Function("Page")]
    public IResult Index([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "play")] HttpRequest request) => PageFile.Index;

    [Function("PageFile")]
    public IResult File([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "play/{file}")] HttpRequest request, string file) =>
        Find(file);

    [Function("PageWidget")]
    public IResult Widget(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "play/widgets/{file}")] HttpRequest request,
        string file) => Find($"widgets/{file}");

    private static IResult Find(string file) =>
        PageFile.Find(file) as IResult
        ?? ErrorResults.From(
            new RefusedRequestException(
                $"The page has no file \"{Quote.Shorten(file)}\".", StatusCodes.Status404NotFound, ServerErrorCodes.RouteNotFound),
            ErrorStyle.Problem);
}
