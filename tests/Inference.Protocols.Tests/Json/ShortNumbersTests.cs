using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Inference.Protocols.Json;
using Inference.Tensors;

namespace Inference.Protocols.Tests.Json;

/// <summary>
/// Compares the reader of short numbers with .NET's own parsers, bit by bit. The reader must stop before any other number.
/// </summary>
public sealed class ShortNumbersTests
{
    /// <summary>The text after the last number. It is long enough that the reader can read a whole word for that number.</summary>
    private const string Rest = "],\"x\":12345678901";

    [Property(MaxTest = 2_000)]
    public Property Read_ShortNumbers_AllEqualDotNet() =>
        Prop.ForAll(Arb.From(Texts.NonEmptyListOf().Select(texts => texts.ToList())), texts =>
    {
        AssertEqual<float, SingleConverter>(texts, text => float.Parse(text, CultureInfo.InvariantCulture));
        AssertEqual<double, DoubleConverter>(texts, text => double.Parse(text, CultureInfo.InvariantCulture));
        AssertEqual<Half, HalfConverter>(texts, text => (Half)double.Parse(text, CultureInfo.InvariantCulture));
        AssertEqual<ushort, BFloat16Converter>(texts, text => BFloat16.Round(float.Parse(text, CultureInfo.InvariantCulture)));
    });

    [Property(MaxTest = 2_000)]
    public void Read_Integers_AreAcceptedInTheirRangeOnly(int value)
    {
        foreach (var candidate in (int[])[value % 10_000_000, value % 70_000, value % 300])
        {
            AssertInteger<byte>(candidate);
            AssertInteger<sbyte>(candidate);
            AssertInteger<short>(candidate);
            AssertInteger<ushort>(candidate);
            AssertInteger<int>(candidate);
            AssertInteger<uint>(candidate);
            AssertInteger<long>(candidate);
            AssertInteger<ulong>(candidate);
        }
    }

    [Theory]
    [InlineData("12345678")]
    [InlineData("0.12345678")]
    [InlineData("1.5")]
    [InlineData("10.25")]
    [InlineData("1e5")]
    [InlineData("0.5e5")]
    [InlineData("0.5E5")]
    [InlineData("01")]
    [InlineData("-01")]
    [InlineData("00")]
    [InlineData("0.")]
    [InlineData("0..5")]
    [InlineData(".5")]
    [InlineData("-")]
    [InlineData("--1")]
    [InlineData("-0")]
    [InlineData("-0.0")]
    [InlineData("1 ")]
    [InlineData("[1")]
    [InlineData("true")]
    [InlineData("\uFFFD")]
    public void Read_AnythingElse_EndsBehindTheNumberBefore(string text)
    {
        foreach (var before in (string[])["7", "-0.25"])
        {
            var body = Encoding.UTF8.GetBytes($"{before},{text},3,4{Rest}");
            var elements = new float[4];
            var at = 0;

            Assert.Equal(1, ShortNumbers.Read<float, SingleConverter>(body, elements, ref at));
            Assert.Equal(before.Length, at);
            at++;
            Assert.Equal(0, ShortNumbers.Read<float, SingleConverter>(body, elements, ref at));
            Assert.Equal(before.Length + 1, at);
        }
    }

    [Fact]
    public void Read_NoMoreRoom_EndsBehindTheLast()
    {
        var at = 0;

        Assert.Equal(2, ShortNumbers.Read<float, SingleConverter>(Encoding.ASCII.GetBytes("1, 2,3,4" + Rest), new float[2], ref at));
        Assert.Equal(4, at);
    }

    /// <summary>The reader never reads beyond the end of the body, wherever the body is cut off.</summary>
    [Fact]
    public void Read_BodyEndsAnywhere_StaysWithinIt()
    {
        var body = Encoding.ASCII.GetBytes("-0.1234567,-0.1234567, -0.1234567," + Rest);
        for (var length = 0; length <= body.Length; length++)
        {
            var at = 0;
            var count = ShortNumbers.Read<float, SingleConverter>(body.AsSpan(0, length), new float[4], ref at);
            Assert.Equal(((int[])[0, 10, 21, 33])[count], at);
        }
    }

    private static Gen<string> Texts =>
        from sign in Gen.Elements("", "-")
        from isFraction in Gen.Elements(true, false)
        from count in Gen.Choose(1, 7)
        from value in Gen.Choose(1, (int)Math.Pow(10, count) - 1)
        select isFraction ? $"{sign}0.{value.ToString(CultureInfo.InvariantCulture).PadLeft(count, '0')}" : $"{sign}{value}";

    private static void AssertEqual<T, TConverter>(List<string> texts, Func<string, T> parse)
        where T : unmanaged, IEquatable<T>
        where TConverter : INumberConverter<T>
    {
        foreach (var separator in (string[])[",", ", "])
        {
            // A number that is too large for the type ends the run.
            var expected = texts.Select(parse).TakeWhile(value => value is not Half half || Half.IsFinite(half)).ToArray();
            var elements = new T[texts.Count];
            var at = 0;

            Assert.Equal(expected.Length,
                ShortNumbers.Read<T, TConverter>(Encoding.ASCII.GetBytes($"{string.Join(separator, texts)},0{Rest}"), elements, ref at));
            Assert.Equal(string.Join(separator, texts.Take(expected.Length)).Length, at);
            Assert.Equal(expected, elements[..expected.Length]);
        }
    }

    private static void AssertInteger<T>(int value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var isInRange = value >= Int128.CreateChecked(T.MinValue) && value <= Int128.CreateChecked(T.MaxValue);
        var elements = new T[1];
        var at = 0;

        Assert.Equal((value, isInRange ? 1 : 0),
            (value, ShortNumbers.Read<T, IntegerConverter<T>>(Encoding.ASCII.GetBytes($"{value},0{Rest}"), elements, ref at)));
        if (isInRange)
            Assert.Equal(value, int.CreateChecked(elements[0]));
    }
}
