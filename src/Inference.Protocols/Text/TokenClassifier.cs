using System.Numerics.Tensors;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Text;
using Tensor = Inference.Tensors.Tensor;

namespace Inference.Protocols.Text;

/// <summary>How the labels of tokens are combined into entities, in the terms of Hugging Face's pipelines.</summary>
internal enum TokenAggregation
{
    /// <summary>Adjacent tokens of one entity are joined.</summary>
    Simple,

    /// <summary>Each token is an entity.</summary>
    None,

    /// <summary>Like <see cref="Simple"/>, but all tokens of a word have the label of its first token.</summary>
    First,

    /// <summary>Like <see cref="Simple"/>, but all tokens of a word have the label with the highest mean score.</summary>
    Average,

    /// <summary>Like <see cref="Simple"/>, but all tokens of a word have the label of the token with the highest score.</summary>
    Max,
}

/// <summary>An entity in a text, or the label of one token.</summary>
/// <param name="Word">
/// The text that the tokenizer decodes from the entity's tokens; for <see cref="TokenAggregation.None"/>, the token itself. An unknown
/// token counts as its part of the text.
/// </param>
/// <param name="Index">The position of the token; 0 for joined tokens.</param>
/// <param name="Start">The position of the start in the text, counted in code points.</param>
/// <param name="End">The position after the end in the text, counted in code points.</param>
internal readonly record struct TextEntity(string Label, float Score, string Word, int Index, int Start, int End);

/// <summary>
/// Finds the entities in texts from the outputs of a token classifier, as the pipeline of Hugging Face's transformers does.
/// </summary>
internal sealed class TokenClassifier
{
    private readonly Model _model;
    private readonly Tokenizer _tokenizer;
    private readonly TextBatch _texts;
    private readonly Tensor _outputs;
    private readonly int _unknownId;

    /// <param name="texts">A batch that keeps its tokens, with their offsets in UTF-16 code units.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the model returns no scores for tokens.
    /// </exception>
    public TokenClassifier(Prediction prediction, TextBatch texts)
    {
        (_model, _tokenizer, _texts) = (prediction.Model, TextTokenizer.ForModel(prediction.Model).Tokenizer, texts);
        _outputs = TokenScores.Find(prediction, texts.Count);
        _unknownId = _model.Text?.UnknownToken is { } token && _tokenizer.IdOf(token) is >= 0 and var unknownId
            ? unknownId
            : _tokenizer.UnknownId;
    }

    /// <summary>Finds the entities in a text.</summary>
    /// <param name="row">The row of the text in the batch.</param>
    /// <param name="ignored">The labels that are not entities.</param>
    public IEnumerable<TextEntity> Classify(int row, TokenAggregation aggregation, IReadOnlyCollection<string> ignored)
    {
        var tokens = ReadTokens(row);
        var entities = aggregation is TokenAggregation.None or TokenAggregation.Simple
            ? tokens.ConvertAll(ToEntity)
            : JoinWords(tokens, aggregation);
        return (aggregation == TokenAggregation.None ? entities : JoinEntities(entities)).Where(entity => !ignored.Contains(entity.Label));
    }

    /// <summary>Returns the tokens of a text without the special tokens that the tokenizer adds around it.</summary>
    private List<ScoredToken> ReadTokens(int row)
    {
        var (encoded, text) = (_texts.TokensOf(row), _texts.TextOf(row));
        var (length, labelCount) = ((int)_outputs.Shape[1], (int)_outputs.Shape[2]);
        var outputs = _outputs.Values<float>().Slice(row * length * labelCount, length * labelCount);
        var codePoints = new CodePointCounter(text);
        var tokens = new List<ScoredToken>(encoded.Length);
        for (var index = 0; index < encoded.Length; index++)
        {
            if (encoded.SpecialTokensMask[index])
                continue;
            var scores = new float[labelCount];
            TextScores.ConvertFinite(ScoreFunction.Softmax, outputs.Slice(index * labelCount, labelCount), scores);
            var (start, end) = (encoded.Offsets[index].Start, encoded.Offsets[index].End);
            var isUnknown = encoded.Ids[index] == _unknownId;
            var word = isUnknown ? text[start..end] : _tokenizer.TokenOf(encoded.Ids[index]) ?? "";
            var (from, to) = (codePoints.CountBefore(start), codePoints.CountBefore(end));
            tokens.Add(new ScoredToken(word, scores, index, from, to, !isUnknown && ContinuesWord(word, text, start, to - from)));
        }

        return tokens;
    }

    /// <summary>
    /// Whether a token continues the word of the previous token. A vocabulary with a continuation prefix writes <c>##ing</c> for
    /// <c>ing</c>. There, a token continues the word if the token and its part of the text differ in length. In other vocabularies, a token
    /// continues the word unless the token is at the start of the text, follows a space, or begins with a space.
    /// </summary>
    /// <param name="length">The length of the token's part of the text, in code points.</param>
    private bool ContinuesWord(string token, string text, int start, int length) => _tokenizer.ContinuationPrefix.Length > 0
        ? token.EnumerateRunes().Count() != length
        : start > 0 && text[start - 1] != ' ' && (start == text.Length || text[start] != ' ');

    private TextEntity ToEntity(ScoredToken token)
    {
        var label = TensorPrimitives.IndexOfMax<float>(token.Scores);
        return new TextEntity(TextClassifier.GetLabel(_model, label), token.Scores[label], token.Word, token.Index, token.Start, token.End);
    }

    private List<TextEntity> JoinWords(List<ScoredToken> tokens, TokenAggregation aggregation)
    {
        var words = new List<TextEntity>();
        for (var (start, end) = (0, 0); start < tokens.Count; start = end)
        {
            for (end = start + 1; end < tokens.Count && tokens[end].ContinuesWord;)
                end++;
            words.Add(JoinWord(tokens.GetRange(start, end - start), aggregation));
        }

        return words;
    }

    private TextEntity JoinWord(List<ScoredToken> tokens, TokenAggregation aggregation)
    {
        var scores = aggregation switch
        {
            TokenAggregation.Average => ComputeMean(tokens),
            TokenAggregation.Max => tokens.MaxBy(token => TensorPrimitives.Max<float>(token.Scores)).Scores,
            _ => tokens[0].Scores,
        };
        var label = TensorPrimitives.IndexOfMax<float>(scores);
        return new TextEntity(
            TextClassifier.GetLabel(_model, label), scores[label], _tokenizer.Join(tokens.Select(token => token.Word)), 0, tokens[0].Start,
            tokens[^1].End);
    }

    /// <summary>Joins adjacent parts of one entity. A part whose label begins with B- starts a new entity.</summary>
    private List<TextEntity> JoinEntities(List<TextEntity> parts)
    {
        var entities = new List<TextEntity>();
        for (var (start, end) = (0, 0); start < parts.Count; start = end)
        {
            var name = GetEntityName(parts[start].Label);
            for (end = start + 1; end < parts.Count && GetEntityName(parts[end].Label) == name
                && !parts[end].Label.StartsWith("B-", StringComparison.Ordinal);)
            {
                end++;
            }

            var joined = parts.GetRange(start, end - start);
            var label = parts[start].Label;
            entities.Add(new TextEntity(
                label[(label.IndexOf('-', StringComparison.Ordinal) + 1)..], joined.Average(part => part.Score),
                _tokenizer.Join(joined.Select(part => part.Word)), 0,
                joined[0].Start, joined[^1].End));
        }

        return entities;
    }

    private static string GetEntityName(string label) =>
        label.StartsWith("B-", StringComparison.Ordinal) || label.StartsWith("I-", StringComparison.Ordinal) ? label[2..] : label;

    private static float[] ComputeMean(List<ScoredToken> tokens)
    {
        var sum = new float[tokens[0].Scores.Length];
        foreach (var token in tokens)
            TensorPrimitives.Add<float>(sum, token.Scores, sum);
        TensorPrimitives.Divide(sum, tokens.Count, sum);
        return sum;
    }

    /// <param name="Start">The position of the start in the text, counted in code points.</param>
    /// <param name="End">The position after the end in the text, counted in code points.</param>
    private readonly record struct ScoredToken(string Word, float[] Scores, int Index, int Start, int End, bool ContinuesWord);
}
