namespace Inference.Onnx.Proof.Rules;

/// <summary>
/// The rules of <c>ai.onnx.ml</c>, for scikit-learn and LightGBM models. The operators compute each row separately. Rows are along the
/// first axis.
/// </summary>
internal static class ClassicRules
{
    private const string Domain = "ai.onnx.ml";

    public static void AddTo(RuleSet rules)
    {
        foreach (var name in (string[])["LinearClassifier", "SVMClassifier", "TreeEnsembleClassifier"])
            rules.Add(Domain, name, static call => [Labels(call), Scores(call)]);
        foreach (var name in (string[])["LinearRegressor", "SVMRegressor", "TreeEnsembleRegressor", "TreeEnsemble"])
            rules.Add(Domain, name, static call => [Scores(call)]);
        foreach (var name in (string[])["Scaler", "Normalizer", "Imputer", "Binarizer"])
            rules.Add(Domain, name, static call => [Rows(call).WithoutElements()]);
        rules.Add(Domain, "LabelEncoder", static call => [call.Data(0).WithoutElements()]);
        rules.Add(Domain, "CategoryMapper", static call => [call.Data(0).WithoutElements()]);
        // The result has one map for each row. The values of a map are the elements of the row.
        rules.Add(Domain, "ZipMap", static call => [Rows(call).WithoutElements()]);
        rules.Add(Domain, "OneHotEncoder", OneHotEncoder);
        rules.Add(Domain, "ArrayFeatureExtractor", ArrayFeatureExtractor);
        rules.Add(Domain, "FeatureVectorizer", FeatureVectorizer);
    }

    private static ProofValue Rows(NodeCall call)
    {
        var data = call.Data(0);
        return data.Items is null || (data.Rank == 2 && data.Items.Value.Axis == 0)
            ? data
            : throw new NotProvenException("its input is not a table with an item in each row");
    }

    private static ProofValue Labels(NodeCall call)
    {
        var rows = Rows(call);
        return rows.Items is null ? ProofValue.SharedOfAnyShape : ProofValue.Create([rows.Dimension(0)], rows.Items);
    }

    private static ProofValue Scores(NodeCall call)
    {
        var rows = Rows(call);
        return rows.Items is null ? ProofValue.SharedOfAnyShape
            : ProofValue.Create([rows.Dimension(0), call.NewSize("scores")], rows.Items);
    }

    private static ProofValue[] OneHotEncoder(NodeCall call)
    {
        var data = call.Data(0);
        return [ProofValue.Create([.. data.Shape, call.NewSize("categories")], data.Items)];
    }

    /// <summary>Selects columns, which are positions on the last axis.</summary>
    private static ProofValue[] ArrayFeatureExtractor(NodeCall call)
    {
        var data = call.Data(0);
        call.Shared(1);
        if (call.IsShared)
            return [ProofValue.SharedOfAnyShape];
        if (data.Rank < 2 || data.Items!.Value.Axis == data.Rank - 1)
            throw new NotProvenException("it selects elements on the axis of the items");
        return [ProofValue.Create(data.Shape.SetItem(data.Rank - 1, call.NewSize("columns")), data.Items)];
    }

    private static ProofValue[] FeatureVectorizer(NodeCall call)
    {
        var parts = call.GetAllData();
        var first = parts[0];
        if (call.IsShared)
            return [ProofValue.SharedOfAnyShape];
        if (parts.Any(part => part.Rank != 2 || part.Items is not { Axis: 0 } items || items != first.Items))
            throw new NotProvenException("not all of its inputs are tables with an item in each row");
        return [ProofValue.Create([first.Dimension(0), call.NewSize("columns")], first.Items)];
    }
}
