namespace Inference.Requests;

/// <summary>The form of the items in a response, which follows from the form of the request.</summary>
public enum ResponseItems
{
    /// <summary>
    /// The items of an output form one tensor. The codec has given all items the same shape, so their outputs have the same shape too.
    /// </summary>
    UniformShape,

    /// <summary>
    /// The items of an output form one tensor. The caller has chosen the shapes of the items. If the outputs of the items may differ in
    /// size, the request is refused.
    /// </summary>
    OneTensor,

    /// <summary>The response lists each item separately, so the outputs of items may differ in size.</summary>
    Separate,
}
