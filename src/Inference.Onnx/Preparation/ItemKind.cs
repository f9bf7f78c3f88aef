namespace Inference.Onnx.Preparation;

/// <summary>The values of a generated item's inputs.</summary>
internal enum ItemKind
{
    /// <summary>Random numbers from 0 to 1; whole numbers are 0 or 1.</summary>
    Random,

    /// <summary>Random numbers from -10 to 10; whole numbers from 0 to 9.</summary>
    Wide,

    /// <summary>Random numbers of either sign up to a million, or up to ten thousand for FP16; whole numbers from 0 to 99.</summary>
    Large,

    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>Ones.</summary>
    Ones,

    /// <summary>NaN; whole numbers are 0 or 1.</summary>
    NotANumber,

    /// <summary>Alternating positive and negative infinity; whole numbers are 0 or 1.</summary>
    Infinite,
}
