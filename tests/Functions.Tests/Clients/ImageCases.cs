using System.Text;
using Functions.Tests.Protocols;
using Inference.Testing;

namespace Functions.Tests.Clients;

/// <summary>Requests with images to a model whose settings contain <c>image</c>.</summary>
internal static class ImageCases
{
    private const string Path = "/models/pixels/predict";

    /// <summary>An image of 2 x 2 pixels with the color (255, 128, 0).</summary>
    private const string WebP = "UklGRhwAAABXRUJQVlA4TBAAAAAvAUAAAAdQwP5H/wMR0f8A";

    private static readonly byte[] Png = Convert.FromBase64String(ImageTests.Png);

    private static readonly string[] Pixels = ["255", "128"];

    public static IEnumerable<ClientCase> All =>
    [
        new("image/jpg", Path) { Content = Png, Headers = ["Content-Type: image/jpg"], ExpectedTexts = Pixels },
        new("image/pjpeg", Path) { Content = Png, Headers = ["Content-Type: image/pjpeg"], ExpectedTexts = Pixels },
        new("requests: application/octet-stream", Path) { Content = Png, Headers = ["Content-Type: application/octet-stream"],
            ExpectedTexts = Pixels },
        new("a file without a Content-Type", Path) { Content = Png, Headers = ["Content-Type:"], ExpectedTexts = Pixels },
        new("WebP", Path) { Content = Convert.FromBase64String(WebP), Headers = ["Content-Type: image/webp"], ExpectedTexts = Pixels },
        new("curl -F", Path) { Content = Form(Png), Headers = ["Content-Type: multipart/form-data; boundary=\"--x1\""], ExpectedTexts = Pixels },
        new("curl -F without a file", Path) { Content = "----x1--"u8
            .ToArray(), Headers = ["Content-Type: multipart/form-data; boundary=--x1"], Status = 400, ExpectedTexts = ["The form has no file"] },
        new("base64 in JSON", Path, $$"""{"features":"{{ImageTests.Png}}"}""") { ExpectedTexts = Pixels },
        new("data URIs in JSON", Path,
            $$$"""{"inputs":{"x":["data:image/png;base64,{{{ImageTests.Png}}}","data:image/webp;base64,{{{WebP.Replace("/", "\\/", StringComparison.Ordinal)}}}"]}}""") { ExpectedTexts = Pixels },
        new("an address in JSON", Path, """{"features":["https://example.org/a.png"]}""") { Status = 400,
            ExpectedTexts = ["This server fetches no images"] },
        new("no base64 in JSON", Path, """{"features":["this is not an image at all"]}""") { Status = 400,
            ExpectedTexts = ["features[0] is not an image"] },
        new("Open Inference: BYTES", "/v2/models/pixels/infer",
            $$"""{"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":["{{ImageTests.Png}}"]}]}""") { ExpectedTexts = Pixels },
        new("TensorFlow Serving: b64", "/v1/models/pixels:predict",
            $$"""{"instances":[{"b64":"{{ImageTests.Png}}"}]}""") { ExpectedTexts = Pixels },
        new("TensorFlow Serving: b64 by name", "/v1/models/pixels:predict",
            $$$"""{"instances":[{"x":{"b64":"{{{ImageTests.Png}}}"}}]}""") { ExpectedTexts = Pixels },
        new("an upload that was cut off", Path) { Content = Png[..^28], Headers = ["Content-Type: image/png"], Status = 400,
            ExpectedTexts = ["The image ends early"] },
        new("boto3: binary/octet-stream", Path) { Content = Png, Headers = ["Content-Type: binary/octet-stream"], ExpectedTexts = Pixels },
        new("a form whose first file was not chosen", Path)
        {
            Content = [.. Part("filename=\"\"", "application/octet-stream", []), .. Part("filename=\"p.png\"", "binary/octet-stream", Png),
                .. "----x1--\r\n"u8],
            Headers = ["Content-Type: multipart/form-data; boundary=--x1"],
            ExpectedTexts = Pixels,
        },
        new("a form whose file has no name", Path)
        {
            Content = [.. Part("name=\"image\"", "binary/octet-stream", Png), .. "----x1--\r\n"u8],
            Headers = ["Content-Type: multipart/form-data; boundary=--x1"],
            ExpectedTexts = Pixels,
        },
        new("a form without a chosen file", Path)
        {
            Content = [.. Part("filename=\"\"", "application/octet-stream", []), .. "----x1--\r\n"u8],
            Headers = ["Content-Type: multipart/form-data; boundary=--x1"],
            Status = 400,
            ExpectedTexts = ["The image is empty. Send the bytes of a PNG, JPEG or WebP file."],
        },
        new("an image of no bytes", Path) { Content = [], Headers = ["Content-Type: image/png"], Status = 400,
            ExpectedTexts = ["The image is empty. Send the bytes"] },
        new("a file of no bytes", Path) { Content = [], Headers = ["Content-Type: application/octet-stream"], Status = 400,
            ExpectedTexts = ["The image is empty. Send the bytes"] },
        new("a short text in JSON", Path, """{"features":"!!!"}""") { Status = 400,
            ExpectedTexts = ["features is not an image: it is neither the bytes of a file nor base64. Send the image in base64."] },
        new("an empty text in JSON", Path, """{"features":["",""]}""") { Status = 400, ExpectedTexts = ["features[0] is empty. Send the bytes"] },
        new("base64 of no image in JSON", Path, """{"inputs":{"x":"aGVsbG8="}}""") { Status = 400,
            ExpectedTexts = ["inputs.x is neither PNG, JPEG nor WebP"] },
        new("TensorFlow Serving: a short text", "/v1/models/pixels:predict", """{"instances":["!!!"]}""") { Status = 400,
            ExpectedTexts = ["instances[0] is not an image"] },
        new("numbers as texts for an image", Path, """{"features":[["NaN"]]}""") { Status = 400, UnexpectedTexts = ["no image"] },
        new("a form of a browser", Path, "a=b") { Headers = ["Content-Type: application/x-www-form-urlencoded"], Status = 415,
            ExpectedTexts = ["image/jpeg, image/png or image/webp"], UnexpectedTexts = ["Send JSON"] },
    ];

    public static void AddModels(ModelFolder folder)
    {
        TestModels.CopyTo("pixels", folder.PathOf("pixels", "1"));
        folder.Write("""{"image":{"height":2,"width":2,"scale":1}}""", "pixels", "model.json");
    }

    private static byte[] Part(string disposition, string type, byte[] content) =>
        [.. Encoding.ASCII.GetBytes($"----x1\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {type}\r\n\r\n"), .. content,
            .. "\r\n"u8];

    /// <summary>Creates a form with a text field and a file.</summary>
    private static byte[] Form(byte[] file) =>
    [
        .. Encoding.ASCII.GetBytes("----x1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ntext\r\n----x1\r\n"
            + "Content-Disposition: form-data; name=\"file\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n"),
        .. file,
        .. "\r\n----x1--\r\n"u8,
    ];
}
