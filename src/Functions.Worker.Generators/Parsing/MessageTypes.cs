using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Decides which types can be messages or be converted to messages.</summary>
internal static class MessageTypes
{
    /// <summary>
    /// Types that contain bytes. JSON would contain the bytes as base64, or the properties of an object instead of its bytes.
    /// </summary>
    private static readonly HashSet<string> BinaryTypes =
        ["byte[]", "sbyte[]", "System.ReadOnlyMemory<byte>", "System.Memory<byte>", "System.ArraySegment<byte>", "System.BinaryData"];

    /// <summary>Types with another role in a function. Values of these types cannot be converted to JSON.</summary>
    private static readonly HashSet<string> TypesWithOtherRole =
    [
        "System.IO.Stream", "Azure.Storage.Queues.Models.QueueMessage", TypeNames.HttpRequest, TypeNames.Task,
        TypeNames.FunctionContext,
    ];

    public static bool CanBeJson(ITypeSymbol type) =>
        type.SpecialType != SpecialType.System_Object
        && type.TypeKind is TypeKind.Class or TypeKind.Struct or TypeKind.Interface or TypeKind.Enum or TypeKind.Array or TypeKind.Error
        && !type.IsRefLikeType
        && !BinaryTypes.Contains(type.PlainName())
        && !HasOtherRole(type);

    /// <summary>Returns how a value of the type is converted to messages; null when the type cannot be converted to messages.</summary>
    public static OutputForm? FindForm(ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.System_String)
            return OutputForm.Text;
        if (FindItemType(type) is not { } item)
            return CanBeJson(type) ? OutputForm.Json : null;

        return item.SpecialType == SpecialType.System_String ? OutputForm.Texts
            : CanBeJson(type) && CanBeJson(item) ? OutputForm.Json
            : null;
    }

    private static ITypeSymbol? FindItemType(ITypeSymbol type) => type.AllInterfaces.Concat(type is INamedTypeSymbol named ? [named] : [])
        .FirstOrDefault(i => i.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)?.TypeArguments[0];

    private static bool HasOtherRole(ITypeSymbol type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (TypesWithOtherRole.Contains(current.PlainName()))
                return true;
        }

        return type.PlainName() == TypeNames.Result || type.AllInterfaces.Any(i => i.PlainName() == TypeNames.Result);
    }
}
