namespace Inference.Requests;

/// <summary>The form of the items in an answer, which follows from the form of the request.</summary>
public enum AnswerItems
{
    /// <summary>In one tensor. The codec made the items alike, so their outputs are.</summary>
    Alike,

    /// <summary>In one tensor, which the caller made of the items: outputs that may differ from item to item have no place in it.</summary>
    OneTensor,

    /// <summary>Each by itself: their outputs may differ in size.</summary>
    Separate,
}
