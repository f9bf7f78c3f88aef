namespace Inference.Requests;

/// <summary>The form of the items in a response, which follows from the form of the request.</summary>
public enum ResponseItems
{
    /// <summary>One tensor. The codec made the items equal in shape, so their outputs are equal in shape too.</summary>
    Alike,

    /// <summary>One tensor of items whose shapes the caller chose. It cannot hold outputs that differ in size between items.</summary>
    OneTensor,

    /// <summary>Each item separately. The outputs of items may differ in size.</summary>
    Separate,
}
