namespace Inference.Requests;

/// <summary>The form of the items in a response, which follows from the form of the request.</summary>
public enum ResponseItems
{
    /// <summary>One tensor. The codec made the items equal in shape, so their outputs are too.</summary>
    Alike,

    /// <summary>One tensor, which the caller built from the items. It cannot hold outputs that differ in size between items.</summary>
    OneTensor,

    /// <summary>Each item separately. The outputs of items may differ in size.</summary>
    Separate,
}
