using System.CommandLine;

namespace Cli;

/// <summary>The example command lines at the end of each command's help.</summary>
internal static class Examples
{
    private static readonly Dictionary<string, string[]> ExamplesByCommand = new()
    {
        ["inferctl"] =
        [
            "inferctl models list",
            "inferctl predict iris --data '[5.1,3.5,1.4,0.2]'",
            "inferctl models push export/iris iris --store /srv/models",
        ],
        ["inferctl models"] = ["inferctl models list", "inferctl models push export/iris iris --store /srv/models"],
        ["inferctl models list"] = ["inferctl models list --endpoint https://models.example.com"],
        ["inferctl models show"] = ["inferctl models show iris"],
        ["inferctl models push"] =
        [
            "inferctl models push export/iris iris --store /srv/models --load",
            "inferctl models push ./minilm minilm --variant fp16 --store blob:models",
            "inferctl models push x.onnx x --shape images=1,3,640,640 --store models",
        ],
        ["inferctl models sign"] = ["inferctl models sign export/iris/2 --private-key signing.pem"],
        ["inferctl models pull"] = ["inferctl models pull iris models --version 2 --store blob:models"],
        ["inferctl models remove"] = ["inferctl models remove iris --version 2 --store /srv/models"],
        ["inferctl models verify"] = ["inferctl models verify iris --store blob:models --public-key public.pem"],
        ["inferctl predict"] =
        [
            "inferctl predict iris --data '[5.1,3.5,1.4,0.2]'",
            "inferctl predict sentiment --text \"a pleasant surprise\"",
            "inferctl predict minilm --file a.csv --column review --output vectors.npy",
        ],
        ["inferctl jobs"] = ["inferctl jobs submit iris --file flowers.csv --watch", "inferctl jobs list"],
        ["inferctl jobs list"] = ["inferctl jobs list --limit 100"],
        ["inferctl jobs submit"] = ["inferctl jobs submit iris --data '[5.1,3.5,1.4,0.2]' --id order-21 --watch"],
        ["inferctl jobs watch"] = ["inferctl jobs watch order-21"],
        ["inferctl jobs get"] = ["inferctl jobs get order-21 --json"],
        ["inferctl jobs cancel"] = ["inferctl jobs cancel order-21"],
        ["inferctl poison"] = ["inferctl poison list", "inferctl poison replay --error modelUnavailable"],
        ["inferctl poison list"] = ["inferctl poison list --error modelUnavailable"],
        ["inferctl poison replay"] = ["inferctl poison replay --error modelUnavailable --yes"],
        ["inferctl poison drop"] = ["inferctl poison drop --id order-22"],
        ["inferctl bench"] = ["inferctl bench iris --concurrency 1,16 --rate 1000 --svg iris.svg"],
        ["inferctl doctor"] = ["inferctl doctor --store /srv/models"],
        ["inferctl completion"] = ["eval \"$(inferctl completion bash)\""],
    };

    /// <summary>Returns the examples of a command. A test checks that every command has examples.</summary>
    public static IReadOnlyList<string> For(Command command) => ExamplesByCommand.TryGetValue(Usage.GetPath(command), out var examples)
        ? examples
        : throw new InvalidOperationException($"Examples.cs has no examples of \"{Usage.GetPath(command)}\". Add one.");
}
