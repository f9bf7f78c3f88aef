using Inference.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Functions.Tests.Page;

/// <summary>Tests the form of rows, which are typed, pasted or read from a file, and their answers.</summary>
public sealed class PageTableTests(Chromium chromium, PageModels models) : IClassFixture<Chromium>, IClassFixture<PageModels>, IDisposable
{
    /// <summary>A script that holds the reading of a file until <c>release()</c> is called.</summary>
    private const string HoldFiles =
        """
        () => {
          for (const name of ['text', 'arrayBuffer']) {
            File.prototype[name] = async function () {
              await new Promise(done => { window.release = done; });
              return Blob.prototype[name].call(this);
            };
          }
        }
        """;

    private readonly TempFolder _folder = new();

    [ChromiumFact]
    public async Task Table_RowsByHandCsvAndExamples_AreAnsweredAsATable()
    {
        await using var open = await OpenAsync("prices");
        var row = open.Page.Locator(".sheet tbody tr");
        var values = open.Page.Locator(".answer .values-table tbody tr");

        await open.Page.GetByLabel("age", new() { Exact = true }).FillAsync("40.5");
        await open.ClickAsync("Add a row");
        await open.Page.GetByLabel("rooms, row 2").FillAsync("3");
        await open.ClickAsync("Predict");
        await Expect(values).ToHaveTextAsync(["140.5", "23"]);

        // The header has the columns in another order.
        await open.Page.GetByLabel("CSV file").SetInputFilesAsync(File("rows.csv", "rooms,age\n1,10\n2,\"20\"\n3,30\n"));
        await Expect(row).ToHaveCountAsync(3);
        await open.ClickAsync("Predict");
        await Expect(values).ToHaveTextAsync(["111", "222", "333"]);

        await PasteAsync(open, "age", "1\t2\n3\t4");
        await Expect(row).ToHaveCountAsync(2);
        await Expect(open.Page.GetByLabel("CSV file")).ToHaveValueAsync("");
        await open.ClickAsync("Predict");
        await Expect(values).ToHaveTextAsync(["13", "27"]);
        await PasteAsync(open, "age", "1,2\n3");
        await Expect(open.Said).ToContainTextAsync("Row 2 has 1 cell, and the model takes 2 columns: age, rooms.");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("Row 2 has 1 cell");
        await Expect(values).ToHaveCountAsync(0);
        // The second row ends before a column of the model.
        await open.Page.GetByLabel("CSV file").SetInputFilesAsync(File("short.csv", "id,age,rooms\n7,40,2\n8,41\n"));
        await Expect(open.Said).ToHaveTextAsync("Row 2 has 2 cells, and the header has 3.");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("Row 2 has 2 cells");
        await PasteAsync(open, "age", "id,age,rooms,note\n7,40,2");
        await Expect(open.Field("age")).ToHaveValueAsync("40");
        await PasteAsync(open, "age", "1,5;2\n2,5;3");
        await open.ClickAsync("Predict");
        await Expect(values).ToHaveTextAsync(["13.5", "25.5"]);
        await PasteAsync(open, "age", "rooms,price\n1,2");
        await Expect(open.Said).ToHaveTextAsync("The header names rooms, but not age. Name all columns as the model does, or none.");
        await PasteAsync(open, "age", "1,5,2,0");
        await Expect(open.Said).ToContainTextAsync("decimal commas need semicolons");

        await DropAsync(open, "years,doors\n1,2\n");
        await Expect(open.Page.Locator(".sheet thead th").First).ToHaveTextAsync("years age FP32");
        await open.ClickAsync("Example 1");
        await Expect(values).ToHaveTextAsync(["16", "28"]);
        await Expect(open.Page.Locator(".sheet thead th").First).ToHaveTextAsync("age FP32");
        await Expect(open.Page.GetByLabel("CSV file")).ToHaveValueAsync("");
        await open.ClickAsync("Example 2");
        await Expect(row).ToHaveCountAsync(1);
        await Expect(open.Answer).ToContainTextAsync("Answered");
        await open.AssertLayoutAsync("table");
        open.AssertNoComplaints();
    }

    /// <summary>A JavaScript number holds only integers up to 2^53.</summary>
    [ChromiumFact]
    public async Task Table_WholeNumbersAndTruthValues_AreSentAsTheyAreWritten()
    {
        await using var open = await OpenAsync("typed");
        var values = open.Page.Locator(".answer .values-table tbody tr");

        await PasteAsync(open, "id", "9007199254740993\t1\n-9007199254740995\t0");
        await open.ClickAsync("Predict");
        await Expect(values).ToHaveTextAsync(["19007199254740993true", "2-9007199254740995false"]);
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("9007199254740993");

        await open.ClickAsync("Example 1");
        await Expect(values).ToHaveTextAsync(["19007199254740997true"]);
        await PasteAsync(open, "id", "1\tmaybe");
        await Expect(open.Said).ToContainTextAsync("flag is \"maybe\". It takes true or false");
        await open.Page.GetByLabel("CSV file").SetInputFilesAsync(File("x.csv", [0, 1, 2, 255]));
        await Expect(open.Said).ToContainTextAsync("This is no text");
        await open.Page.GetByLabel("CSV file").SetInputFilesAsync(File("z.csv", [(byte)'i', (byte)'d', 0xe9, (byte)'\n']));
        await Expect(open.Said).ToHaveTextAsync("The text is not in UTF-8: save the file as \"CSV UTF-8\".");
        await open.Page.GetByLabel("CSV file").SetInputFilesAsync(File("y.csv", "id,flag\n"));
        await Expect(open.Said).ToContainTextAsync("There are no rows below the header.");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("There are no rows below the header.");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Table_ValueThatIsNoNumber_IsNamedAndNotSent()
    {
        await using var open = await OpenAsync("prices");

        await open.Page.GetByLabel("rooms", new() { Exact = true }).FillAsync("many");
        await open.ClickAsync("Predict");

        await Expect(open.Answer).ToHaveTextAsync("Row 1, column \"rooms\" is \"many\". Type a number.");
        await Expect(open.Field("rooms")).ToBeFocusedAsync();
        open.AssertNoComplaints();
    }

    /// <summary>The columns keep the names of a header that the model does not know, also for another version.</summary>
    [ChromiumFact]
    public async Task Table_NamesOfAHeader_AreKept()
    {
        await using var open = await OpenAsync("scaling");
        var heads = open.Page.Locator(".sheet thead th");

        await PasteAsync(open, "x 0", "sepal length,sepal width,petal length,petal width,species\n1,2,3,4,setosa\n5,6,7,8,setosa");
        await Expect(heads.First).ToHaveTextAsync("sepal length x 0 FP32");
        await Expect(open.Field("petal width, row 2")).ToHaveValueAsync("8");
        await Expect(open.Said).ToHaveTextAsync("2 rows. Only the first 4 cells of each row are used.");
        await open.Page.GetByLabel("Version", new() { Exact = true }).SelectOptionAsync("1");
        await Expect(open.Page.GetByLabel("Code", new() { Exact = true })).ToContainTextAsync("/versions/1/");
        await Expect(open.Field("petal width, row 2")).ToHaveValueAsync("8");
        await open.AssertLayoutAsync("table-with-names");

        // The columns of the model in reverse, and a file that pandas has written, with the numbers of its rows.
        await DropAsync(open, "X 3,X 2,X 1,X 0\n1,2,3,4\n");
        await Expect(heads.First).ToHaveTextAsync("x 0 FP32");
        await Expect(open.Field("x 0")).ToHaveValueAsync("4");
        await DropAsync(open, ",a,b,c,d\n0,1,2,3,4\n1,5,6,7,8\n");
        await Expect(open.Field("a")).ToHaveValueAsync("1");
        // Words for values are no names.
        await DropAsync(open, "nan,inf,-inf,NaN\n");
        await Expect(open.Field("x 1")).ToHaveValueAsync("inf");
        open.AssertNoComplaints();
    }

    [ChromiumFact]
    public async Task Table_EmptyCell_IsNamedAndNotSent()
    {
        await using var open = await OpenAsync("prices");
        await PasteAsync(open, "age", "1,2\n,4\n5,");

        await open.ClickAsync("Predict");

        await Expect(open.Answer).ToHaveTextAsync(
            "Row 2, column \"age\" is empty. Type a number, or NaN for a missing value. In all, 2 cells are empty.");
        await Expect(open.Field("age, row 2")).ToBeFocusedAsync();
        await open.AssertLayoutAsync("table-with-an-empty-cell");
        await open.Page.Keyboard.TypeAsync("nan");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToHaveTextAsync("Row 3, column \"rooms\" is empty. Type a number.");
        await open.Field("rooms, row 3").FillAsync("1");
        await open.ClickAsync("Predict");
        await Expect(open.Page.Locator(".answer .values-table tbody tr")).ToHaveTextAsync(["13", "2NaN", "36"]);

        // A first row of a text and an empty cell is no header.
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "people", Exact = true }).ClickAsync();
        await PasteAsync(open, "name", "Smith,\nJones,41");
        await Expect(open.Field("name, row 2")).ToHaveValueAsync("Jones");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToHaveTextAsync("Row 1, column \"age\" is empty. Type a number, or NaN for a missing value.");
        open.AssertNoComplaints();
    }

    /// <summary>The answer stands near the button: long tables scroll in their boxes, and a narrow page scrolls to the answer.</summary>
    [ChromiumFact]
    public async Task Table_OfManyRows_LeavesTheAnswerOnTheScreen()
    {
        await using var open = await OpenAsync("prices", new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        await PasteAsync(open, "age", string.Join('\n', Enumerable.Range(1, 178).Select(row => $"{row},1")));

        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToBeInViewportAsync();
        await Expect(open.Page.GetByText("The first 100 of 178 items.")).ToBeInViewportAsync();
        await open.Field("age, row 178").ScrollIntoViewIfNeededAsync();
        await Expect(open.Page.Locator(".sheet thead th").First).ToBeInViewportAsync();
        await open.AssertLayoutAsync("table-of-many-rows");

        await open.Page.SetViewportSizeAsync(390, 844);
        await open.Page.EvaluateAsync("() => scrollTo(0, 0)");
        await Expect(open.Answer).Not.ToBeInViewportAsync();
        await open.Field("age").PressAsync("Enter");
        await Expect(open.Page.Locator(".values-table tbody tr").First).ToBeInViewportAsync();
        open.AssertNoComplaints();
    }

    /// <summary>The last thing that the user has done counts: a change during the reading of a file, or the file.</summary>
    [ChromiumFact]
    public async Task File_ThatIsReadSlowly_ReplacesNothingAndIsWaitedFor()
    {
        await using var open = await OpenAsync("prices");
        await open.Page.EvaluateAsync(HoldFiles);

        await open.Page.GetByLabel("CSV file").SetInputFilesAsync(File("rows.csv", "5,5\n6,6\n"));
        await Expect(open.Said).ToHaveTextAsync("Reading rows.csv …");
        await open.Field("age").FillAsync("40");
        await open.Page.EvaluateAsync("() => release()");
        await Expect(open.Said).ToHaveTextAsync("");
        await Expect(open.Field("age")).ToHaveValueAsync("40");

        await open.Page.GetByLabel("CSV file").SetInputFilesAsync(File("rows.csv", "5,5\n6,6\n"));
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("Running");
        await open.Page.EvaluateAsync("() => release()");
        await Expect(open.Page.Locator(".answer .values-table tbody tr")).ToHaveTextAsync(["110", "212"]);

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "blocks", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("blocks");
        await open.ClickAsync("Upload");
        await open.Page.GetByLabel("x: FP32").SetInputFilesAsync(File("block.npy", PageWidgetTests.Npy(isFortran: false, 2, 3)));
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("Running");
        await open.Page.EvaluateAsync("() => release()");
        await Expect(open.Page.GetByLabel("Answer as JSON")).ToContainTextAsync("0.16666667");
        open.AssertNoComplaints();
    }

    /// <summary>scikit-learn exports classifiers whose output is a list of maps of labels to scores.</summary>
    [ChromiumFact]
    public async Task Maps_OfLabelsToScores_AreBarsAndTables()
    {
        await using var open = await OpenAsync("classifier");
        var values = open.Page.Locator(".answer .values-table");
        await PasteAsync(open, "x 0", "1,5,2");
        await open.ClickAsync("Predict");
        await Expect(open.BestBar).ToHaveTextAsync("virginica");
        await Expect(open.Answer).ToContainTextAsync("virginica: 5");
        await open.AssertLayoutAsync("bars-of-a-map");
        await PasteAsync(open, "x 0", "1,5,2\n3,1,2");
        await open.ClickAsync("Predict");
        await Expect(values.Locator("thead th")).ToHaveTextAsync(
            ["Item", "label", "probabilities.setosa", "probabilities.versicolor", "probabilities.virginica"]);
        await Expect(values.Locator("tbody tr")).ToHaveTextAsync(["1virginica125", "2setosa321"], new() { IgnoreCase = true });

        await open.Page.GetByRole(AriaRole.Link, new() { Name = "zipmap", Exact = true }).ClickAsync();
        await Expect(open.Page.Locator(".detail h2")).ToHaveTextAsync("zipmap");
        await PasteAsync(open, "x 0", "0.25,0.75");
        await open.ClickAsync("Predict");
        await Expect(open.Answer).ToContainTextAsync("1: 75.0 %");
        await PasteAsync(open, "x 0", "0.25,0.75\n1,0");
        await open.ClickAsync("Predict");
        await Expect(values.Locator("thead th")).ToHaveTextAsync(["Item", "Best", "0", "1"]);
        await Expect(values.Locator("tbody tr")).ToHaveTextAsync(["110.250.75", "2010"]);
        open.AssertNoComplaints();
    }

    public void Dispose() => _folder.Dispose();

    private Task<OpenPage> OpenAsync(string model, BrowserNewContextOptions? options = null) =>
        OpenPage.OpenAsync(chromium, models.Address, options, path: $"/#models/{model}");

    private string File(string name, string content) => File(name, System.Text.Encoding.UTF8.GetBytes(content));

    private string File(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(_folder.Combine(name), content);
        return _folder.Combine(name);
    }

    private static async Task DropAsync(OpenPage open, string text) => await open.Page.Locator(".sheet").EvaluateAsync(
        """
        (table, text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], 'rows.csv', { type: 'text/csv' }));
          table.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        }
        """,
        text);

    internal static async Task PasteAsync(OpenPage open, string field, string text) => await open.Field(field).EvaluateAsync(
        """
        (input, text) => {
          const data = new DataTransfer();
          data.setData('text', text);
          input.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }
        """,
        text);
}
