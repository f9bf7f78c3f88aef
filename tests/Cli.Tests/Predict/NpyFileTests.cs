using System.Text;
using Inference.Testing;

namespace Cli.Tests.Predict;

/// <summary>Tests NumPy files whose content does not fit their header. They are refused before a request is sent.</summary>
public sealed class NpyFileTests : IDisposable
{
    /// <summary>The position of the version's major number in a file. The minor number follows.</summary>
    private const int Major = 6;

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("<f4", "0000803f0000004000", "it ends in the middle of a value: values have 4 bytes, and the last one has 1.")]
    [InlineData("<f4", "0000803f000000", "it ends in the middle of a value: values have 4 bytes, and the last one has 3.")]
    [InlineData("<f4", "0000803f", "it has 1 value; its shape needs 2.")]
    [InlineData("<i2", "0100020003", "it ends in the middle of a value: values have 2 bytes, and the last one has 1.")]
    [InlineData("|b1", "010a", "item 1 has the byte 10 in place of a boolean, which is 0 or 1.")]
    [InlineData("|b1", "ff00", "item 0 has the byte 255 in place of a boolean, which is 0 or 1.")]
    public async Task Data_ThatDoesNotFitTheHeader_IsRefused(string descriptor, string data, string message)
    {
        var result = await PredictAsync(NpyContent.Create(descriptor, "(2, 1)", Convert.FromHexString(data)));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"x.npy\" cannot be read: {message} Save the array again with numpy.save.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
        "its header does not have one type for all values. Save the fields of a structured array one by one.")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': 2, }",
        "its header has no valid shape. Save the array again with numpy.save.")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }",
        "it is in Fortran order. Save numpy.ascontiguousarray(x) instead of x.")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4), }",
        "its shape is (0, 4), which has no items. Save an array with items.")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
        "its type \"<c8\" is not supported. Save numbers or booleans in little-endian order, for example x.astype('<f4') instead of x.")]
    public async Task Header_ThatIsNotSupported_ExplainsTheFix(string header, string message)
    {
        var result = await PredictAsync([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), 0, 0, 0, 0]);

        Assert.Equal((2, $"inferctl: \"{_folder.Combine("x.npy")}\" cannot be read: {message}\n"), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{'descr': '<f4'")]
    public async Task Header_ThatIsCutOff_IsRefused(string header)
    {
        var result = await PredictAsync([0x93, .. "NUMPY"u8, 1, 0, 100, 0, .. Encoding.ASCII.GetBytes(header)]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(
            "x.npy\" cannot be read: its header is cut off. Save the array again with numpy.save.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Major, 0, "0.0")]
    [InlineData(Major, 4, "4.0")]
    [InlineData(Major + 1, 1, "1.1")]
    public async Task Version_ThatDoesNotExist_IsRefused(int position, int value, string version)
    {
        var file = NpyContent.Create([1, 2], "(2, 1)");
        file[position] = (byte)value;

        var result = await PredictAsync(file);

        Assert.Equal(2, result.ExitCode);
        var message = $"x.npy\" cannot be read: it is in version {version} of the format; 1.0, 2.0 and 3.0 are supported. Save ";
        AssertText.Contains(message, result.Error);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<CliResult> PredictAsync(byte[] file)
    {
        await File.WriteAllBytesAsync(_folder.Combine("x.npy"), file);
        return await CliProcess.RunAsync("predict", "m", "--file", _folder.Combine("x.npy"), "--endpoint", "http://127.0.0.1:1");
    }
}
