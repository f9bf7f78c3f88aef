using Inference.Text.Added;
using Inference.Text.Models;
using Inference.Text.Normalization;
using Inference.Text.PostProcessing;
using Inference.Text.PreTokenization;

namespace Inference.Text;

/// <summary>The components of a tokenizer. A null component is skipped.</summary>
internal sealed record TokenizerComponents(TokenModel Model)
{
    public required AddedVocabulary Added { get; init; }

    public Normalizer? Normalizer { get; init; }

    public PreTokenizer? PreTokenizer { get; init; }

    public PostProcessor? PostProcessor { get; init; }

    public Decoding.Decoder? Decoder { get; init; }

    public int? PaddingId { get; init; }
}
