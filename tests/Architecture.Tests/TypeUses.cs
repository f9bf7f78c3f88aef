using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Architecture.Tests;

/// <summary>Reads which types a type uses in its declaration, its members, its attributes and the bodies of its methods.</summary>
internal static class TypeUses
{
    /// <summary>
    /// Gets the top-level types of the same assembly that a top-level type uses. A nested type, also one that the compiler generates,
    /// counts as its top-level type.
    /// </summary>
    public static IEnumerable<TypeDefinition> Find(TypeDefinition type) => Mentions(type).SelectMany(Definitions).Distinct();

    private static IEnumerable<TypeReference?> Mentions(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(implementation => implementation.InterfaceType),
        .. Constraints(type),
        .. Attributes(type),
        .. type.Fields.SelectMany(field => Attributes(field).Append(field.FieldType)),
        .. type.Properties.SelectMany(Attributes),
        .. type.Events.SelectMany(Attributes),
        .. type.Methods.SelectMany(Mentions),
        .. type.NestedTypes.SelectMany(Mentions),
    ];

    private static IEnumerable<TypeReference?> Mentions(MethodDefinition method) =>
    [
        .. Signature(method),
        .. Constraints(method),
        .. Attributes(method),
        .. Attributes(method.MethodReturnType),
        .. method.Parameters.SelectMany(Attributes),
        .. method.HasBody ? Mentions(method.Body) : [],
    ];

    private static IEnumerable<TypeReference?> Mentions(MethodBody body) =>
    [
        .. body.Variables.Select(variable => variable.VariableType),
        .. body.ExceptionHandlers.Select(handler => handler.CatchType),
        .. body.Instructions.SelectMany(instruction => instruction.Operand switch
        {
            TypeReference type => [type],
            FieldReference field => [field.DeclaringType, field.FieldType],
            GenericInstanceMethod method => Signature(method).Concat(method.GenericArguments),
            MethodReference method => Signature(method),
            _ => [],
        }),
    ];

    private static IEnumerable<TypeReference?> Signature(MethodReference method) =>
        [method.DeclaringType, method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType)];

    private static IEnumerable<TypeReference?> Constraints(IGenericParameterProvider generic) =>
        generic.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(constraint => constraint.ConstraintType);

    private static IEnumerable<TypeReference?> Attributes(ICustomAttributeProvider provider) =>
        provider.CustomAttributes.SelectMany(attribute => Arguments(attribute).Append(attribute.AttributeType));

    private static IEnumerable<TypeReference?> Arguments(CustomAttribute attribute) => attribute.ConstructorArguments
        .Concat(attribute.Properties.Concat(attribute.Fields).Select(named => named.Argument))
        .SelectMany(argument => argument.Value as CustomAttributeArgument[] ?? [argument])
        .Select(argument => argument.Value as TypeReference);

    private static IEnumerable<TypeDefinition> Definitions(TypeReference? type) => type switch
    {
        TypeDefinition { DeclaringType: { } outer } => Definitions(outer),
        TypeDefinition definition => [definition],
        GenericInstanceType generic => generic.GenericArguments.Prepend(generic.ElementType).SelectMany(Definitions),
        TypeSpecification specification => Definitions(specification.ElementType),
        _ => [],
    };
}
