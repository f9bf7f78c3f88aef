using Inference.Azure.Predictions;

namespace Inference.Azure.Tests.Predictions;

/// <summary>Tests which blobs the sender of a message can make the app read.</summary>
public sealed class RequestBlobRulesTests
{
    private static readonly PredictionSettings Settings = new("predictions", "predictions-results", "prediction-results", TimeToLive: null)
    {
        RequestContainers = ["uploads"],
    };

    [Theory]
    [InlineData("prediction-results/requests/order-18.json")]
    [InlineData("prediction-results/requests/2026/11/order 18 (1).v2.json")]
    [InlineData("uploads/order-18.json")]
    [InlineData("uploads/jobs/order-18")]
    public void FindProblem_PlaceOfRequests_IsRead(string text) => Assert.Null(Find(text));

    [Theory]
    [InlineData("prediction-results/order-18.json")]
    [InlineData("prediction-results/jobs/order-18.json")]
    [InlineData("prediction-results/requests")]
    [InlineData("prediction-results/requestsX/a")]
    [InlineData("prediction-results/Requests/a")]
    [InlineData("models/iris/1/model.onnx")]
    [InlineData("uploads2/a")]
    [InlineData("prediction-results2/requests/a")]
    public void FindProblem_OtherPlace_NamesTheSetting(string text) =>
        Assert.Contains("Predictions__RequestContainers", Find(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("prediction-results/requests/../order-18.json")]
    [InlineData("prediction-results/requests/..")]
    [InlineData("prediction-results/requests/./a")]
    [InlineData("prediction-results/requests/../../models/a")]
    [InlineData("prediction-results/requests/%2e%2e/order-18.json")]
    [InlineData("prediction-results/requests/%2E%2E%2Forder-18.json")]
    [InlineData("prediction-results/requests/..\\order-18.json")]
    [InlineData("prediction-results/requests//order-18.json")]
    [InlineData("prediction-results//requests/a")]
    [InlineData("prediction-results/requests/")]
    [InlineData("prediction-results/requests/a.")]
    [InlineData("prediction-results/requests/.. /order-18.json")]
    [InlineData("prediction-results/requests/a?snapshot=2026-11-28T00:00:00.0000000Z")]
    [InlineData("prediction-results/requests/a#b")]
    [InlineData("prediction-results/requests/a\u0000b")]
    [InlineData("uploads/../prediction-results/order-18.json")]
    [InlineData("uploads/https://evil.example/a")]
    public void FindProblem_NameThatIsNoPlainPath_IsRefused(string text) =>
        Assert.Contains("not a plain path", Find(text), StringComparison.Ordinal);

    private static string? Find(string text) =>
        RequestBlobRules.FindProblem(text[..text.IndexOf('/')], text[(text.IndexOf('/') + 1)..], Settings);
}
