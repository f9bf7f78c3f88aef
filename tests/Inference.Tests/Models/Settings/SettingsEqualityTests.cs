using System.Collections.Immutable;
using Inference.Models.Settings;

namespace Inference.Tests.Models.Settings;

/// <summary>
/// Tests the settings that decide whether loaded sessions and ended contracts stay valid. Each read of a settings file creates new lists, so
/// equality must not depend on the identity of a list.
/// </summary>
public sealed class SettingsEqualityTests
{
    [Fact]
    public void Equals_SameValuesInOtherLists_AreEqual()
    {
        Assert.Equal(Batching(), Batching());
        Assert.Equal(Image(), Image());
        Assert.Equal(Text(), Text());
    }

    [Fact]
    public void Equals_AnyOtherValue_Differs()
    {
        Check(Batching);
        Check(Image);
        Check(Text);
    }

    private static BatchingSettings Batching() =>
        new() { PreferredSizes = [1, 2], Padding = BatchingSettings.NoPadding.Add("ids", 0) };

    private static ImageSettings Image() => new() { Height = 8, Width = 8, Mean = [1, 2, 3], Std = [4] };

    private static TextSettings Text() => new() { Dense = ["2_Dense"], Prompts = TextSettings.NoPrompts.Add("query", "query: ") };

    private static void Check<T>(Func<T> create)
        where T : class
    {
        foreach (var property in typeof(T).GetProperties().Where(property => property.CanWrite))
        {
            var other = create();
            property.SetValue(other, Change(property.PropertyType, property.GetValue(other)));
            Assert.False(create().Equals(other), property.Name);
        }
    }

    private static object Change(Type type, object? value) => value switch
    {
        bool flag => !flag,
        int number => number + 1,
        float number => number + 1,
        string text => text + "x",
        TimeSpan time => time + TimeSpan.FromSeconds(1),
        Enum name => Enum.GetValues(name.GetType()).Cast<object>().First(other => !other.Equals(name)),
        ImmutableArray<int> numbers => numbers.Add(3),
        ImmutableArray<float> numbers => numbers.Add(5),
        ImmutableArray<string> names => names.Add("x"),
        ImmutableSortedDictionary<string, float> values => values.Add("x", 0),
        ImmutableSortedDictionary<string, string> values => values.Add("x", "y"),
        null when type == typeof(string) => "x",
        null => Activator.CreateInstance(Nullable.GetUnderlyingType(type)!)!,
        _ => throw new NotSupportedException($"Add a case for {type}."),
    };
}
