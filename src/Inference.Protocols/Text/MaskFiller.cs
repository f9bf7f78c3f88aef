using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Text;
using Tensor = Inference.Tensors.Tensor;

namespace Inference.Protocols.Text;

/// <summary>A token that fills a mask.</summary>
/// <param name="TokenText">The token as the tokenizer decodes it.</param>
/// <param name="Sequence">The text with the token in place of the mask.</param>
internal readonly record struct FilledMask(float Score, int Token, string TokenText, string Sequence);

/// <summary>Finds the likely tokens for the masks in texts, as the pipeline of Hugging Face's transformers does.</summary>
internal sealed class MaskFiller
{
    /// <summary>
    /// The maximum number of tokens in all returned texts. The response has one copy of a text for every token that fills one of its masks.
    /// </summary>
    private const int MaxReturned = 1024 * 1024;

    /// <summary>The masks of models whose files name no mask.</summary>
    private static readonly string[] DefaultMasks = ["[MASK]", "<mask>"];

    private readonly Tokenizer _tokenizer;
    private readonly TextBatch _texts;
    private readonly Tensor _outputs;
    private readonly int _maskId;

    /// <summary>The only allowed tokens; empty for all.</summary>
    private readonly int[] _targets;
    private long _returnedTokens;

    /// <param name="texts">A batch that keeps its tokens.</param>
    /// <param name="targets">The only allowed tokens; empty for all.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the model returns no scores for tokens.
    /// <see cref="InferenceError.InvalidRequest"/>: the tokenizer has no mask, a target has no tokens, or the model returns no score for
    /// its token.
    /// </exception>
    public MaskFiller(Prediction prediction, TextBatch texts, IReadOnlyCollection<string> targets)
    {
        (_tokenizer, _texts) = (TextTokenizer.ForModel(prediction.Model).Tokenizer, texts);
        _outputs = TokenScores.Find(prediction, texts.Count);
        _maskId = FindMaskId(prediction.Model);
        if (_maskId < 0)
        {
            throw InferenceException.InvalidRequest(
                $"The tokenizer of model {prediction.Model.Id.Name} has no mask token, so the model cannot fill masks. Write "
                + "\"mask_token\" with a token of the vocabulary in its tokenizer_config.json.");
        }

        _targets = [.. targets.Select(FindTarget).Distinct()];
    }

    /// <summary>Returns the text of a model's mask token; null for a tokenizer without a mask.</summary>
    public static string? FindMaskToken(Model model) => TextTokenizer.ForModel(model).Tokenizer.TokenOf(FindMaskId(model));

    /// <summary>Returns the best tokens for each mask of a text, the best first.</summary>
    /// <param name="row">The row of the text in the batch.</param>
    /// <param name="count">The number of tokens to return for each mask.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the text has no mask, or the returned texts would have too many tokens.
    /// </exception>
    public List<FilledMask[]> Fill(int row, int count)
    {
        var ids = _texts.TokensOf(row).Ids.ToArray();
        var masks = Enumerable.Range(0, ids.Length).Where(index => ids[index] == _maskId).ToList();
        if (masks.Count == 0)
        {
            throw InferenceException.InvalidRequest(
                $"{_texts.PathOf(row)} has no mask. Put {_tokenizer.TokenOf(_maskId)} in place of a word.");
        }

        _returnedTokens += (long)ids.Length * masks.Count * count;
        if (_returnedTokens > MaxReturned)
        {
            throw InferenceException.InvalidRequest(
                $"The texts with their masks filled {Counted.Text(count, "time")} have more than {MaxReturned} tokens, the maximum of "
                + "one response. Lower "
                + "top_k, or send fewer masks.");
        }

        var (length, size) = ((int)_outputs.Shape[1], (int)_outputs.Shape[2]);
        var scores = new float[size];
        return masks.ConvertAll(mask =>
        {
            TextScores.ConvertFinite(ScoreFunction.Softmax, _outputs.Values<float>().Slice(((row * length) + mask) * size, size), scores);
            var best = new int[Math.Min(count, _targets.Length == 0 ? size : _targets.Length)];
            if (_targets.Length == 0)
                BestScores.Find<float>(scores, best);
            else
                _targets.OrderByDescending(id => scores[id]).Take(best.Length).ToArray().CopyTo(best, 0);
            return Array.ConvertAll(best,
                id => new FilledMask(
                    scores[id], id, _tokenizer.Decode([id], skipSpecialTokens: false), DecodeFilled(ids, mask, id, masks.Count == 1)));
        });
    }

    /// <summary>Returns the text with a mask filled.</summary>
    /// <param name="isOnlyMask">
    /// Whether the text has no other mask. Otherwise special tokens are kept, because the other masks are special tokens.
    /// </param>
    private string DecodeFilled(int[] ids, int mask, int token, bool isOnlyMask)
    {
        var filled = (int[])ids.Clone();
        filled[mask] = token;
        return _tokenizer.Decode(filled, skipSpecialTokens: isOnlyMask);
    }

    /// <summary>Finds the token of a word; the first token of a word with several tokens.</summary>
    private int FindTarget(string target)
    {
        var id = _tokenizer.IdOf(target);
        if (id < 0)
        {
            var ids = _tokenizer.Encode(target, new EncodeOptions { AddSpecialTokens = false }).Ids;
            id = ids.Length > 0
                ? ids[0]
                : throw InferenceException.InvalidRequest(
                    $"parameters.targets: \"{Quote.Shorten(target)}\" has no tokens. Send another target.");
        }

        return id < _outputs.Shape[2]
            ? id
            : throw InferenceException.InvalidRequest(
                $"parameters.targets: \"{Quote.Shorten(target)}\" is token {id}, and the model returns scores only for tokens below "
                + $"{_outputs.Shape[2]}. Send other targets.");
    }

    /// <returns>-1 for a tokenizer without a mask.</returns>
    private static int FindMaskId(Model model)
    {
        var tokenizer = TextTokenizer.ForModel(model).Tokenizer;
        if (model.Text?.MaskToken is { } token && tokenizer.IdOf(token) is >= 0 and var maskId)
            return maskId;
        // A vocabulary may have the mask of another tokenizer as an ordinary word.
        return DefaultMasks.OrderByDescending(tokenizer.IsSpecial).Select(tokenizer.IdOf).FirstOrDefault(id => id >= 0, -1);
    }
}
