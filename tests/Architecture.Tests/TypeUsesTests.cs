using System.ComponentModel;
using Mono.Cecil;

namespace Architecture.Tests;

public sealed class TypeUsesTests
{
    [Theory]
    [InlineData(nameof(InBody))]
    [InlineData(nameof(InLambda))]
    [InlineData(nameof(Caught))]
    [InlineData(nameof(GenericArgument))]
    [InlineData(nameof(ArrayElement))]
    [InlineData(nameof(AttributeArgument))]
    [InlineData(nameof(IConstraint))]
    public void Of_TypeThatIsUsedInOnePlace_IsFound(string used)
    {
        using var module = ModuleDefinition.ReadModule(typeof(User<>).Assembly.Location);

        var uses = TypeUses.Find(module.GetType(typeof(User<>).FullName));

        Assert.Contains(used, uses.Select(type => type.Name));
    }
}

internal sealed class InBody;

internal sealed class InLambda;

internal sealed class Caught : Exception;

internal sealed class GenericArgument;

internal sealed class ArrayElement;

internal sealed class AttributeArgument;

internal interface IConstraint;

[TypeConverter(typeof(AttributeArgument))]
internal sealed class User<T>
    where T : IConstraint
{
    public static async Task<object> UseAsync()
    {
        try
        {
            await Task.Yield();
            return (Func<object>)(() => new InLambda());
        }
        catch (Caught)
        {
            return new List<GenericArgument>().Count > 0 ? new ArrayElement[1] : new InBody();
        }
    }
}
