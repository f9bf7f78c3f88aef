using Inference.Models;

namespace Inference.Tests.Models;

public sealed class ModelNameTests
{
    [Theory]
    [InlineData("digits")]
    [InlineData("9")]
    [InlineData("a.b_c-d")]
    [InlineData("a..b")]
    public void TryParse_AllowedNames_Pass(string text)
    {
        Assert.True(ModelName.TryParse(text, out var name));
        Assert.Equal(text, name.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("-x")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("a%2e")]
    [InlineData("a\n")]
    public void TryParse_WhateverCouldLeaveTheRoot_IsRefused(string? text)
    {
        Assert.False(ModelName.TryParse(text, out _));
        Assert.Equal(InferenceError.ModelNotFound, Assert.Throws<InferenceException>(() => ModelName.Parse(text)).Error);
    }

    [Fact]
    public void TryParse_Length_EndsAt128()
    {
        Assert.True(ModelName.TryParse(new string('a', 128), out _));
        Assert.False(ModelName.TryParse(new string('a', 129), out _));
    }

    [Theory]
    [InlineData("digits", "digits")]
    [InlineData("sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers--all-MiniLM-L6-v2")]
    public void ParseRepository_NameOrId_IsTheModel(string text, string name) => Assert.Equal(name, ModelName.ParseRepository(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("/name")]
    [InlineData("a/b/c")]
    [InlineData("a/../b")]
    [InlineData("../b")]
    public void ParseRepository_WhateverCouldLeaveTheRoot_IsRefused(string text) =>
        Assert.Equal(InferenceError.ModelNotFound, Assert.Throws<InferenceException>(() => ModelName.ParseRepository(text)).Error);

    [Theory]
    [InlineData("1", true)]
    [InlineData("20", true)]
    [InlineData("0", false)]
    [InlineData("01", true)]
    [InlineData("00000123", true)]
    [InlineData("000", false)]
    [InlineData("-1", false)]
    [InlineData("+1", false)]
    [InlineData(" 1", false)]
    [InlineData("1.0", false)]
    [InlineData("", false)]
    [InlineData("99999999999999999999", false)]
    public void TryParseNumber_Version_IsAPositiveInteger(string text, bool valid)
    {
        Assert.Equal(valid, ModelVersion.TryParseNumber(text, out _));
    }
}
