using System.Reflection;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Functions.Tests.Clients;

/// <summary>Generated clients for GET /openapi.json compile and predict.</summary>
public sealed class GeneratedClientTests(TextServer server) : IClassFixture<TextServer>
{
    /// <summary>A program that uses the generated client.</summary>
    private const string Program = """
        using System.Threading.Tasks;
        using InferenceApi;
        using InferenceApi.Models;
        using Microsoft.Kiota.Abstractions.Authentication;
        using Microsoft.Kiota.Abstractions.Serialization;
        using Microsoft.Kiota.Http.HttpClientLibrary;

        public static class Program
        {
            public static async Task<string[]> RunAsync(string address)
            {
                using var adapter = new HttpClientRequestAdapter(new AnonymousAuthenticationProvider()) { BaseUrl = address };
                var client = new InferenceClient(adapter);
                var numbers = await client.Models.Plain.Predict.PostAsync(new() { Features = new() { Double = [1, 2, 3, 4] } });
                var labels = await client.Models.Classifier.Predict.PostAsync(new() { Text = new Texts { TextsString = "hello" } });
                var model = await client.Models["plain"].GetAsync();
                return
                [
                    await KiotaJsonSerializer.SerializeAsStringAsync(numbers), labels.Prediction.Predictions[0].LabelScore[0].Label,
                    model.Inputs[0].Datatype,
                ];
            }
        }
        """;

    [Fact]
    public async Task CSharp_GeneratedByKiota_CompilesAndPredicts()
    {
        await LoadAsync();
        using var client = await KiotaClient.GenerateAsync("csharp", server.Process.Client.BaseAddress!);

        AssertOnlyForms(client.Warnings);
        var program = Compile(client.Folder).GetType("Program")!.GetMethod("RunAsync")!;
        var results = await (Task<string[]>)program.Invoke(null, [server.Process.Client.BaseAddress!.ToString().TrimEnd('/')])!;
        Assert.Equal("[[2,4,6,8]]", JsonDocument.Parse(results[0]).RootElement.GetProperty("predictions").ToString());
        Assert.Equal(["warm", "FP32"], results[1..]);
    }

    [Fact]
    public async Task Python_GeneratedByKiota_Compiles()
    {
        await LoadAsync();
        using var client = await KiotaClient.GenerateAsync("python", server.Process.Client.BaseAddress!);

        AssertOnlyForms(client.Warnings);
        await KiotaClient.RunAsync("python3", "-m", "compileall", "-q", client.Folder);
        Assert.NotEmpty(Directory.GetFiles(client.Folder, "*.pyc", SearchOption.AllDirectories));
    }

    /// <summary>
    /// Checks that Kiota warns only of expected things. A text is a string or an object, and a response in Hugging Face's format is an
    /// array or an object; these schemas have no discriminator. The server's address is only a path, so that it is right behind any proxy.
    /// </summary>
    private static void AssertOnlyForms(List<string> warnings)
    {
        string[] forms = ["Texts", "PredictResponse", "ZeroShotResult"];
        var others = warnings.Where(warning => !warning.Contains("A servers entry", StringComparison.Ordinal));
        Assert.All(others, warning => Assert.Contains(forms, form =>
            warning.Contains($"{form} is a polymorphic type but does not define a discriminator", StringComparison.Ordinal)
            || warning.Contains($"is not inherited from {form}", StringComparison.Ordinal)));
    }

    private async Task LoadAsync()
    {
        foreach (var model in (string[])["plain", "mean", "ranker", "classifier"])
            await server.Process.GetAsync($"/models/{model}");
    }

    private static Assembly Compile(string folder)
    {
        var files = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).Append(Program);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var options = new CSharpParseOptions(preprocessorSymbols: ["NETCOREAPP3_1_OR_GREATER"]);
        var compilation = CSharpCompilation.Create(
            "Client", files.Select(file => CSharpSyntaxTree.ParseText(file, options)), references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        Assert.Empty(result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return Assembly.Load(stream.ToArray());
    }
}
