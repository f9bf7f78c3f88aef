namespace Inference.Models.Settings;

/// <summary>The tasks of models with texts or images, named as in Hugging Face's pipelines.</summary>
public enum ModelTask
{
    /// <summary>One vector for each text: an embedding.</summary>
    FeatureExtraction,

    /// <summary>A relevance score for each pair of a query and a text.</summary>
    TextRanking,

    /// <summary>A score for each label of a text or a pair of texts.</summary>
    TextClassification,

    /// <summary>A score for each label that the request names, by natural language inference.</summary>
    ZeroShotClassification,

    /// <summary>The entities in a text: a label for each token.</summary>
    TokenClassification,

    /// <summary>The likely tokens in place of a text's mask.</summary>
    FillMask,

    /// <summary>A score for each label of an image.</summary>
    ImageClassification,
}
