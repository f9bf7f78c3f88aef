using Functions.Hosting.Configuration;
using Inference.Testing;

namespace Functions.Tests.Hosting;

public sealed class CommandLineCheckTests
{
    [Theory]
    [InlineData("--url http://127.0.0.1:1", "Unknown option \"--url\". Did you mean \"--urls\"?")]
    [InlineData("--port 8080", "Unknown option \"--port\".")]
    [InlineData("--alow-anonymous", "Did you mean \"--allow-anonymous\"?")]
    [InlineData("--Modles:Source /models", "Did you mean \"--Models:Source\"?")]
    [InlineData("--modles__source=/models", "Did you mean \"--Models:Source\"?")]
    [InlineData("-p 8080", "Unknown option \"-p\".")]
    [InlineData("/models", "Unknown argument \"/models\".")]
    [InlineData("models", "Unknown argument \"models\".")]
    [InlineData("--urls", "\"--urls\" needs a value.")]
    [InlineData("--Models:Source", "\"--Models:Source\" needs a value.")]
    [InlineData("--allow-anonymous=true", "\"--allow-anonymous\" does not accept a value. Write \"--allow-anonymous\" alone.")]
    [InlineData("--allow-anonymous true", "Unknown argument \"true\".")]
    [InlineData("--Models:Source --allow-anonymous --urls http://127.0.0.1:1",
        "\"--Models:Source\" needs a value, and the next argument is an option.")]
    [InlineData("--urls --grpc-urls http://127.0.0.1:1", "\"--urls\" needs a value")]
    [InlineData("--Keys__Function --urls=http://127.0.0.1:1", "\"--Keys__Function\" needs a value")]
    [InlineData("--health-check --version=1", "\"--health-check\" needs a value")]
    [InlineData("--urls=", "\"--urls\" needs a value.")]
    [InlineData("--Urls=", "\"--Urls\" needs a value.")]
    [InlineData("--grpc-urls=", "\"--grpc-urls\" needs a value.")]
    [InlineData("--InferenceStorge=x", "Did you mean \"--InferenceStorage\"?")]
    [InlineData("--Models:Source /a /b", "Unknown argument \"/b\".")]
    public void FindProblem_UnknownArgument_NamesItAndTheNearest(string arguments, string expected) =>
        AssertText.Contains(expected, CommandLineCheck.FindProblem(arguments.Split(' ')));

    [Theory]
    [InlineData("")]
    [InlineData("--urls http://127.0.0.1:0 --allow-anonymous --startup-trace")]
    [InlineData("--urls=http://127.0.0.1:0 --grpc-urls=http://127.0.0.1:1")]
    [InlineData("--Models:Source /models --Keys__Function=x Http:MaxBodySize=1")]
    [InlineData("--Models:Sorce /models")]
    [InlineData("--Keys:Function=--x --AzureWebJobsStorage=")]
    [InlineData("--AzureWebJobsStorage UseDevelopmentStorage=true --Logging:LogLevel:Default=Debug --AzureWebJobs.Status.Disabled=true")]
    [InlineData("--health-check http://127.0.0.1:1/health/live")]
    [InlineData("--functions-metadata /tmp/x")]
    public void FindProblem_OptionsAndSettings_IsNull(string arguments) =>
        Assert.Null(CommandLineCheck.FindProblem(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>A shell passes an empty argument for a variable that is not set.</summary>
    [Fact]
    public void FindProblem_EmptyArgument_NamesTheOption() =>
        Assert.Equal("\"--urls\" needs a value.", CommandLineCheck.FindProblem(["--urls", ""]));

    /// <summary>A host passes arguments that change with its versions.</summary>
    [Fact]
    public void Run_ArgumentsOfAFunctionsHost_ServesWhateverTheyAre() => Assert.Null(CommandLineCheck.Run(
        ["--host", "127.0.0.1", "--port", "1", "--workerId", "x", "--functions-uri", "http://127.0.0.1:1/", "--functions-worker-id", "x",
            "--new"]));
}
