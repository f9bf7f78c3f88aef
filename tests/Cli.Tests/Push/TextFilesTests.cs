using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests.Push;

/// <summary>Tests pushes of models of texts with broken files.</summary>
public sealed class TextFilesTests : IDisposable
{
    private readonly ModelFolder _served = new();
    private readonly ModelFolder _made = new();

    /// <summary>The files of a model of texts are read as its load reads them.</summary>
    [Theory]
    [InlineData("tokenizer.json", "{}", "tokenizer.json: \"model")]
    [InlineData("tokenizer.json", "[]", "tokenizer.json:1:1: $: This is not a JSON object.")]
    [InlineData("tokenizer.json", "\n 5", "tokenizer.json:2:2: $: This is not a JSON object.")]
    [InlineData("tokenizer.json", "{\"model\":{}}", "tokenizer.json: \"model.vocab\" is missing; expected an object.")]
    [InlineData("tokenizer.json", "{\"model\":{\"type\":\"BPE\"}}", "tokenizer.json: \"model.vocab\" is missing; expected an object.")]
    [InlineData("tokenizer.json", "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":[]}}}", "tokenizer.json: \"model.vocab.a\" is not valid; expected a whole number.")]
    [InlineData("special_tokens_map.json", "[]", "special_tokens_map.json:1:1: $: This is not a JSON object.")]
    [InlineData("tokenizer_config.json", "{\"model_max_length\":\"x\"}", "tokenizer_config.json:1:21: $.model_max_length: This is a string; a number is expected.")]
    [InlineData("tokenizer.json", "{\"model\":{\"type\":\"Magic\"}}", "\"model.type\" is \"Magic\", which is not supported")]
    [InlineData("config.json", "{\"architectures\":[\"BertForTokenClassification\"],\n\"id2label\":{\"0\":\"O\"}}", "config.json:2:12: $.id2label: There is 1 label")]
    [InlineData("labels.txt", "a\nb\n", "labels.txt has 2 labels, but no output has as many scores per item")]
    [InlineData("model.json", "{\"task\":\"fill-mask\"}", "cannot fill masks: output \"logits\" has 7 scores for each token of a text")]
    public async Task Texts_WithABrokenFile_AreRefused(string file, string content, string message)
    {
        foreach (var name in (string[])["model.onnx", "config.json", "tokenizer.json"])
            _made.Write(File.ReadAllBytes(ServedModels.PathOf("entities", "1", name)), "texts", name);
        var whole = await PushAsync("--version", "7");
        _made.Write(content, "texts", file);

        var broken = await PushAsync("--version", "8");

        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Contains("Its task is token-classification.", whole.Output, StringComparison.Ordinal);
        Assert.Equal(2, broken.ExitCode);
        AssertText.Contains(message, broken.Error);
        Assert.Contains("push again", broken.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("m", "8")));
    }

    public void Dispose()
    {
        _served.Dispose();
        _made.Dispose();
    }

    private Task<CliResult> PushAsync(params string[] options) =>
        CliProcess.RunAsync(["models", "push", _made.PathOf("texts"), "m", "--store", _served.Path, .. options]);
}
