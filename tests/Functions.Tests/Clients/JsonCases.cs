namespace Functions.Tests.Clients;

/// <summary>Requests with unusual JSON.</summary>
internal static class JsonCases
{
    public static IEnumerable<ClientCase> All =>
    [
        new("curl: predict", "/models/dynamic_inner/predict", """{"features":[[1,2]]}""") { ExpectedTexts = ["\"predictions\":"],
            ExpectedHeaders = ["Content-Type: application/json"] },
        new("Python: JSON that ends after a NaN", "/models/dynamic_inner/predict", """{"features":[[NaN,1],[NaN,}""") { Status = 400,
            ExpectedTexts = ["at line 1, byte 27."] },
    ];
}
