using Inference.Models;
using Inference.Tensors;

namespace Inference.Repository.Tests.HuggingFace;

/// <summary>Files of a folder with mistakes, which are told with their places.</summary>
public sealed class FolderMistakeTests : IDisposable
{
    private static readonly ModelSignature Tokens = new(
        [HubFolder.Spec("input_ids", ElementType.Int64, -1, -1), HubFolder.Spec("attention_mask", ElementType.Int64, -1, -1)],
        [HubFolder.Spec("logits", ElementType.Float32, -1, 2)]);

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
