using Inference.Models;
using Inference.Tensors;

namespace Inference.Repository.Tests.HuggingFace;

/// <summary>Files of a folder with mistakes. Each mistake is reported with its position.</summary>
public sealed class FolderMistakeTests : IDisposable
{
    private static readonly ModelSignature Tokens = new(
        [HubFolder.Spec("input_ids", ElementType.Int64, -1, -1), HubFolder.Spec("attention_mask", ElementType.Int64, -1, -1)],
        [HubFolder.Spec("logits", ElementType.Float32, -1, 2)]);

    private static readonly ModelSignature Embeddings = new(Tokens.Inputs, [HubFolder.Spec("hidden", ElementType.Float32, -1, -1, 8)]);

    private readonly HubFolder _folder = new();

    /// <summary>A value of another type would have no effect. The message has its line, and says what belongs there.</summary>
    [Theory]
    [InlineData("config.json", "\"id2label\": [\"a\", \"b\"]", "an array; an object")]
    [InlineData("config.json", "\"architectures\": \"BertForSequenceClassification\"", "a string; an array")]
    [InlineData("config.json", "\"max_position_embeddings\": \"512\"", "a string; a number")]
    [InlineData("config.json", "\"num_labels\": [2]", "an array; a number")]
    [InlineData("config.json", "\"problem_type\": 5", "a number; a string")]
    [InlineData("tokenizer_config.json", "\"model_max_length\": \"long\"", "a string; a number")]
    [InlineData("sentence_bert_config.json", "\"do_lower_case\": \"yes\"", "a string; a boolean")]
    public void Complete_ValueOfAnotherType_IsAMistakeWithItsLine(string file, string member, string types)
    {
        _folder.Write(
            ("config.json", """{"architectures": ["BertForSequenceClassification"]}"""), ("tokenizer.json", "{}"),
            (file, $"{{\n  {member}\n}}"));

        var problem = _folder.Complete(Tokens).Warnings[0];

        var column = member.IndexOf(' ', StringComparison.Ordinal) + 4;
        Assert.Equal($"{file}:2:{column}: $.{member.Split('"')[1]}: This is {types} is expected.", problem.ToString());
        Assert.False(problem.IsUnsupported);
    }

    /// <summary>Values within others have a path, too.</summary>
    [Theory]
    [InlineData("config.json", """{"architectures":[5]}""", "$.architectures[0]: This is a number; a string")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_cls_token":"true"}""", "$.pooling_mode_cls_token: This is a string; a boolean")]
    [InlineData("config_sentence_transformers.json", """{"prompts":{"query":5}}""", "$.prompts.query: This is a number; a string")]
    [InlineData("config_sentence_transformers.json", """{"prompts":["query"]}""", "$.prompts: This is an array; an object")]
    [InlineData("modules.json", "[5]", "$[0]: This is a number; an object")]
    [InlineData("modules.json", """[{"path":""}]""", "$[0].type: The value is missing; a string")]
    [InlineData("modules.json", """[{"type":5,"path":""}]""", "$[0].type: This is a number; a string")]
    [InlineData("modules.json", """[{"type":"Pooling","path":1}]""", "$[0].path: This is a number; a string")]
    public void Complete_ValueWithinOthers_IsAMistakeWithItsPath(string file, string content, string message)
    {
        _folder.Write(
            ("config.json", """{"architectures":["BertModel"]}"""), ("tokenizer.json", "{}"),
            ("1_Pooling/config.json", """{"pooling_mode_mean_tokens":true}"""));
        if (file == "config_sentence_transformers.json")
            _folder.Write(("modules.json", """[{"type":"Pooling","path":"1_Pooling"}]"""));
        _folder.Write((file, content));

        var problem = _folder.Complete(Embeddings).Warnings[0];

        Assert.Equal(file, problem.File);
        Assert.EndsWith($": {message} is expected.", problem.ToString(), StringComparison.Ordinal);
        Assert.False(problem.IsUnsupported);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("sentence_bert_config.json")]
    [InlineData("1_Pooling/config.json")]
    public void Complete_FolderWithTheNameOfAFile_IsAMistake(string file)
    {
        (string, string)[] files = [("config.json", """{"architectures":["BertModel"]}"""), ("tokenizer.json", "{}"),
            ("1_Pooling/config.json", """{"pooling_mode_mean_tokens":true}""")];
        _folder.Write([.. files.Where(other => other.Item1 != file)]);
        Directory.CreateDirectory(Path.Combine(_folder.Path, file));

        var problem = _folder.Complete(Embeddings).Warnings[0];

        Assert.Equal($"{file}: This is a folder; a JSON file is expected. Replace the folder with the file.", problem.ToString());
    }

    /// <summary>Half a surrogate pair is valid JSON, but no text.</summary>
    [Fact]
    public void Complete_NameThatIsNoText_IsAMistakeWithItsPlace()
    {
        _folder.Write(("config.json", "{\n  \"architectures\": [\"\\ud800Model\"]}"), ("tokenizer.json", "{}"));

        Assert.Equal(
            "config.json: The file is not valid JSON: The string has bytes that are not UTF-8, or an escaped half of a surrogate pair, "
            + "at line 2, byte 21.",
            _folder.Complete(Tokens).Warnings[0].ToString());
    }

    public void Dispose() => _folder.Dispose();
}
