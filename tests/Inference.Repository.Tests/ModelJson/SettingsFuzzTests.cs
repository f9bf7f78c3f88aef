using System.Diagnostics;
using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;
using Inference.Repository.Tests.Triton;
using Inference.Testing;

namespace Inference.Repository.Tests.ModelJson;

/// <summary>Any file is accepted, or refused with reasons, within a short time. No other exception is thrown.</summary>
public sealed class SettingsFuzzTests
{
    private const string Json = """
        {"$schema":"x","versions":{"serve":{"specific":[3,4]},"labels":{"stable":3},"traffic":[{"version":"stable","percent":90},
        {"version":4,"percent":10}],"shadow":4},"batching":{"maxBatch":16,"preferredSizes":[8],"maxDelay":"00:00:00.005"},
        "execution":{"threads":2,"memoryProfile":"lean"},"lifecycle":{"warmup":[{"request":{"features":[1,2.5]},"count":3}]}}
        """;

    private const string Pbtxt = """
        name: "m" max_batch_size: 0x10 # comment
        input [ { name: 'x' "y" data_type: TYPE_FP32 dims: [ -1, 4 ] reshape { shape: [ -1, 2, 2 ] } } ]
        dynamic_batching < preferred_batch_size: 4; default_queue_policy { max_queue_size: 017, default_timeout_microseconds: 5 } >
        parameters { key: "intra_op_thread_count" value { string_value: "\064\x32" } } version_policy: { specific { versions: [1] } }
        instance_group [ { kind: KIND_GPU } ] optimization { cuda { graphs: true } } model_warmup { count: 2 }
        """;

    private static readonly string[] Pieces =
        ["{", "}", "[", "]", "<", ">", "\"", "'", "\\", "\\u", "\\ud800", "\\x", "#", ":", ",", ";", "-", "0", "9999999999999999999",
            "1e309", ".", "null", "true", "\n", "\0", "\ud83d\ude00"];

    [Fact]
    public void ModelJson_Mutated_IsAcceptedOrRefused() =>
        Fuzz(Json, bytes => ModelSettingsReader.Read(bytes, ModelSettings.Default));

    [Fact]
    public void ConfigPbtxt_Mutated_IsAcceptedOrRefused()
    {
        var name = ModelName.Parse("m");
        Fuzz(Pbtxt, bytes => TritonConfigReaderTests.Read(bytes, name));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("1,")]
    [InlineData("\"")]
    [InlineData("a{")]
    [InlineData("a:1 ")]
    [InlineData("a:'\\x41' ")]
    [InlineData("a:[1,")]
    [InlineData("[a]")]
    [InlineData("#")]
    [InlineData("\n")]
    [InlineData("9")]
    public void Read_AMegabyteOfOneThing_EndsSoon(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, SettingsFile.MaxSize / piece.Length));
        var watch = Stopwatch.StartNew();

        Judge(Encoding.UTF8.GetBytes(text), bytes => ModelSettingsReader.Read(bytes, ModelSettings.Default));
        Judge(Encoding.UTF8.GetBytes($$"""{"lifecycle":{"warmup":[{"request":{"a":[{{text}}""" + "]}}]}}"), bytes =>
            ModelSettingsReader.Read(bytes, ModelSettings.Default));
        Judge(Encoding.UTF8.GetBytes($$"""{"batching":{"preferredSizes":[{{text.TrimEnd(',')}}""" + "]}}"), bytes =>
            ModelSettingsReader.Read(bytes, ModelSettings.Default));
        Judge(Encoding.UTF8.GetBytes(text), bytes => TritonConfigReaderTests.Read(bytes, ModelName.Parse("m")));

        // Linear work takes a fraction of a second. Quadratic work takes minutes. The limit allows for a busy machine.
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"{watch.Elapsed}");
    }

    private static void Fuzz(string text, Func<byte[], object> read)
    {
        var random = Fuzzing.Random();
        var good = Encoding.UTF8.GetBytes(text);
        Assert.True(Judge(good, read), "What is mutated has to be right itself.");
        var acceptedCount = 0;
        for (var i = 0; i < Fuzzing.Iterations; i++)
            acceptedCount += Judge(Mutate(good, random), read) ? 1 : 0;

        Assert.InRange(acceptedCount, 1, Fuzzing.Iterations - 1);
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        var bytes = good.ToList();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var position = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[position] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(position, random.Next(Math.Min(20, bytes.Count - position)));
                    break;
                case 2:
                    bytes.InsertRange(position, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(position, good[..random.Next(good.Length)].TakeLast(40));
                    break;
                default:
                    bytes.RemoveRange(position, random.Next(2) == 0 ? bytes.Count - position : 1);
                    break;
            }

            if (bytes.Count == 0)
                break;
        }

        return [.. bytes];
    }

    private static bool Judge(byte[] bytes, Func<byte[], object> read)
    {
        try
        {
            read(bytes);
            return true;
        }
        catch (FileProblemsException e)
        {
            Assert.NotEmpty(e.Problems);
            Assert.All(e.Problems, problem => Assert.DoesNotContain(problem.ToString(), letter => char.IsControl(letter)));
            return false;
        }
    }
}
