namespace Inference.Onnx.Tests.Proof;

/// <summary>Small models, each for one rule.</summary>
internal static class ProofCases
{
    private const string X = "in x f32[n,4]; ";
    private const string Y = "; out y f32[n,m]";
    private const string Image = "in x f32[n,3,8,8]; ";
    private const string Sequence = "in x f32[n,s,8]; ";

    /// <summary>A text encoder with one layer, as PyTorch exports it: nodes compute the shapes.</summary>
    private const string Encoder =
        """
        in ids i64[batch,length]; in mask i64[batch,length]
        const words f32[4,8]; const places f32[1,8,8]; const wq f32[8,8]; const wk f32[8,8]; const wv f32[8,8]; const wo f32[8,8]
        const bias f32[8]; const scale f32[8] 1 1 1 1 1 1 1 1; const w1 f32[8,16]; const w2 f32[16,8]
        const c0 i64[] 0; const c1 i64[] 1; const a0 i64[1] 0; const a1 i64[1] 1; const a2 i64[1] 2; const heads i64[1] 2; const size i64[1] 4; const rest i64[1] -1
        const one f32[] 1; const low f32[] -10000; const root f32[] 2; const tiny f32[] 0.000000001
        shape = Shape(ids); length = Gather(shape, c1); lengths = Unsqueeze(length, a0); position = Slice(places, a0, lengths, a1)
        word = Gather(words, ids); sum = Add(word, position); x = LayerNormalization(sum, scale, bias) axis=-1
        m1 = Unsqueeze(mask, a1); m2 = Unsqueeze(m1, a2); mf = Cast(m2) to=1; inverse = Sub(one, mf); masked = Mul(inverse, low)
        q0 = MatMul(x, wq); q1 = Add(q0, bias); k0 = MatMul(x, wk); v0 = MatMul(x, wv)
        sx = Shape(x); b = Gather(sx, c0); l = Gather(sx, c1); bu = Unsqueeze(b, a0); lu = Unsqueeze(l, a0); split = Concat(bu, lu, heads, size) axis=0
        q2 = Reshape(q1, split); q = Transpose(q2) perm=[0,2,1,3]
        k2 = Reshape(k0, split); k = Transpose(k2) perm=[0,2,3,1]
        v2 = Reshape(v0, split); v = Transpose(v2) perm=[0,2,1,3]
        s0 = MatMul(q, k); s1 = Div(s0, root); s2 = Add(s1, masked); p = Softmax(s2) axis=-1
        o0 = MatMul(p, v); o1 = Transpose(o0) perm=[0,2,1,3]
        so = Shape(o1); ob = Gather(so, c0); ol = Gather(so, c1); obu = Unsqueeze(ob, a0); olu = Unsqueeze(ol, a0); merged = Concat(obu, olu, rest) axis=0
        o2 = Reshape(o1, merged); o3 = MatMul(o2, wo); o4 = Add(o3, x); h = LayerNormalization(o4, scale, bias) axis=-1
        f1 = MatMul(h, w1); f2 = Erf(f1); f3 = MatMul(f2, w2); f4 = Add(f3, h); last = LayerNormalization(f4, scale, bias) axis=-1
        e1 = Unsqueeze(mask, a2); se = Shape(last); e2 = Expand(e1, se); e3 = Cast(e2) to=1
        t1 = Mul(last, e3); t2 = ReduceSum(t1, a1) keepdims=0; n1 = ReduceSum(e3, a1) keepdims=0; n2 = Clip(n1, tiny); mean = Div(t2, n2)
        norm = ReduceL2(mean) axes=[1] keepdims=1; nc = Clip(norm, tiny); se2 = Shape(mean); ne = Expand(nc, se2); y = Div(mean, ne)
        out y f32[batch,8]; out last f32[batch,length,8]
        """;

    /// <summary>A padding as PyTorch exports it: nodes compute the list of pads, and reverse its order.</summary>
    private const string TurnedPads =
        """
        in x f32[n,c,l]; const given i64[2] 1 2; const zeros i64[4] 0 0 0 0; const pairs i64[2] -1 2; const s i64[1] -1; const e i64[1] -9223372036854775807; const a i64[1] 0
        const flat i64[1] -1
        all = Concat(given, zeros) axis=0; table = Reshape(all, pairs); turned = Slice(table, s, e, a, s)
        columns = Transpose(turned) perm=[1,0]; list = Reshape(columns, flat); pads = Cast(list) to=7; y = Pad(x, pads) mode='edge'
        out y f32[n,c,m]
        """;

    /// <summary>Returns models whose items are independent: the text of the model, and its opset.</summary>
    public static TheoryData<string, int> Independent()
    {
        var data = new TheoryData<string, int>();
        foreach (var text in (string[])[
            X + "y = Relu(x)" + Y,
            X + "const b f32[4]; y = Add(x, b)" + Y,
            X + "const b f32[1,4]; y = Mul(b, x)" + Y,
            X + "in z f32[n,4]; y = Sub(x, z)" + Y,
            X + "const w f32[4,3]; y = MatMul(x, w)" + Y,
            X + "const w f32[3,4]; const b f32[3]; y = Gemm(x, w, b) transB=1" + Y,
            X + "const w f32[3,4]; t = Transpose(x); h = MatMul(w, t); y = Transpose(h)" + Y,
            X + "y = Softmax(x) axis=-1" + Y,
            X + "t = Transpose(x) perm=[1,0]; s = Softmax(t) axis=0; y = Transpose(s) perm=[1,0]" + Y,
            X + "const axes i64[1] 1; y = ReduceSum(x, axes)" + Y,
            X + "y = ReduceMean(x) axes=[-1]" + Y,
            X + "y = ArgMax(x) axis=1; out y i64[n,1]",
            X + "const k i64[1] 2; y, i = TopK(x, k) axis=-1" + Y,
            X + "const axis i64[] 1; y = CumSum(x, axis)" + Y,
            X + "y = Concat(x, x) axis=1" + Y,
            X + "y, z = Split(x) axis=1" + Y,
            X + "const s i64[1] 1; const e i64[1] 3; const a i64[1] 1; y = Slice(x, s, e, a)" + Y,
            X + "const s i64[2] 0 1; const e i64[2] 9223372036854775807 3; y = Slice(x, s, e)" + Y,
            X + "const m i64[1] -9223372036854775808; h = Abs(m); const e i64[1] 3; const a i64[1] 1; z = Sub(h, h); y = "
                + "Slice(x, z, e, a)" + Y,
            X + "const v i64[2] 9223372036854775807 1; h = ReduceSum(v); const e i64[1] 3; const a i64[1] 1; z = Sub(h, h); y = "
                + "Slice(x, z, e, a)" + Y,
            X + "const p i64[4] 0 1 0 2; y = Pad(x, p)" + Y,
            X + "const i i64[2] 3 0; y = Gather(x, i) axis=1" + Y,
            X + "const shape i64[2] -1 2; r = Reshape(x, shape); const back i64[2] -1 4; y = Reshape(r, back)" + Y,
            X + "const shape i64[3] 0 2 2; r = Reshape(x, shape); y = Flatten(r)" + Y,
            X + "s = Shape(x); const zero i64[] 0; n = Gather(s, zero); const a i64[1] 0; u = Unsqueeze(n, a); const m i64[1] -1; t = "
                + "Concat(u, m) axis=0; y = Reshape(x, t)" + Y,
            X + "s = Shape(x); const z f32[1,4]; e = Expand(z, s); y = Add(x, e)" + Y,
            X + "s = Shape(x); r = Size(s); const a i64[1] 0; u = Unsqueeze(r, a); const axis i64[1] 1; m = Sub(u, axis); y = ReduceSum(x, "
                + "m)" + Y,
            X + "s = Shape(x); z = ConstantOfShape(s); y = Add(x, z)" + Y,
            X + "const r i64[2] 1 3; y = Tile(x, r)" + Y,
            X + "in c bool[n,4]; in z f32[n,4]; y = Where(c, x, z)" + Y,
            X + "const s f32[] 0.1; const o u8[] 3; q = QuantizeLinear(x, s, o); y = DequantizeLinear(q, s, o)" + Y,
            X + "const s f32[4]; const b f32[4]; y = LayerNormalization(x, s, b)" + Y,
            X + "y = Dropout(x)" + Y,
            X + "y = Einsum(x, x) equation='bi,bi->b'; out y f32[n]",
            X + "in z f32[n,5]; y = Einsum(x, z) equation='bi,bj->bij'; out y f32[n,4,5]",
            X + "in i i64[n,2]; y = GatherElements(x, i) axis=1" + Y,
            "in i i64[n,s]; const table f32[3,5]; y = Gather(table, i); out y f32[n,s,5]",
            "in i i64[n]; const depth i64[] 3; const values f32[2] 0 1; y = OneHot(i, depth, values)" + Y,
            Image + "const w f32[4,3,3,3]; c = Conv(x, w) strides=[2,2] pads=[1,1,1,1]; p = GlobalAveragePool(c); y = Flatten(p)" + Y,
            Image + "const w f32[4,3,3,3]; c = Conv(x, w); const shape i64[2] -1 144; y = Reshape(c, shape)" + Y,
            Image + "y = MaxPool(x) kernel_shape=[2,2] strides=[2,2]; out y f32[n,3,4,4]",
            Image + "const w f32[3,2,2,2]; y = ConvTranspose(x, w) strides=[2,2]; out y f32[n,2,h,w]",
            Image + "const s f32[3]; const b f32[3]; const m f32[3]; const v f32[3] 1 2 3; y = BatchNormalization(x, s, b, m, v); out y "
                + "f32[n,3,8,8]",
            Image + "const s f32[3]; const b f32[3]; y = InstanceNormalization(x, s, b); out y f32[n,3,8,8]",
            Image + "const scales f32[4] 1 1 2 2; y = Resize(x, _, scales); out y f32[n,3,16,16]",
            Image + "scales = Constant() value_floats=[1.0,1.0,2.0,2.0]; y = Resize(x, _, scales); out y f32[n,3,16,16]",
            Image + "s = Shape(x); const z i64[1] 0; const two i64[1] 2; const a i64[1] 0; nc = Slice(s, z, two, a); const hw i64[2] 4 4; "
                + "t = Concat(nc, hw) axis=0; y = Resize(x, _, _, t); out y f32[n,3,4,4]",
            Image + "const w f32[8,3,1,1]; d = Conv(x, w); y = DepthToSpace(d) blocksize=2; out y f32[n,2,16,16]",
            Sequence
            + "const w f32[8,8]; q = MatMul(x, w); t = Transpose(q) perm=[0,2,1]; a = MatMul(x, t); s = Softmax(a); y = MatMul(s, x); out "
            + "y f32[n,s,8]",
            Sequence
            + "const w f32[8,6]; const r i64[2] -1 8; f = Reshape(x, r); g = MatMul(f, w); s = Shape(x); const z i64[1] 0; const two "
            + "i64[1] 2; b = Slice(s, z, two); const six i64[1] 6; t = Concat(b, six) axis=0; y = Reshape(g, t); out y f32[n,s,6]",
            Encoder,
            TurnedPads,
            Sequence
            + "s = Shape(x); const z i64[] 0; const o i64[] 1; n = Gather(s, z); l = Gather(s, o); const a i64[1] 0; nu = Unsqueeze(n, a); "
            + "lu = Unsqueeze(l, a); const h i64[2] 2 4; t = Concat(nu, lu, h) axis=0; r = Reshape(x, t); y = Transpose(r) perm=[0,2,1,3]; "
            + "out y f32[n,2,s,4]",
            "in x f32[s,n,3]; const w f32[1,8,3]; const r f32[1,8,2]; a, y = LSTM(x, w, r) hidden_size=2; out y f32[1,n,2]",
            "in x f32[s,n,3]; in h f32[1,n,2]; const w f32[1,6,3]; const r f32[1,6,2]; a, y = GRU(x, w, r, _, _, h) hidden_size=2; out y "
            + "f32[1,n,2]",
            "in x f32[n,s]; in sr i64[]; f = Cast(sr) to=1; y = Mul(x, f); out y f32[n,s]",
            "in x f32[n,4]; y = ai.onnx.ml::Scaler(x) offset=[0.5,0.5,0.5,0.5] scale=[2.0,1.0,1.0,1.0]" + Y,
        ])
        {
            data.Add(text, 17);
        }

        data.Add(X + "y = Softmax(x) axis=1" + Y, 11);
        data.Add(X + "y = Unsqueeze(x) axes=[1]; out y f32[n,1,4]", 11);
        data.Add(X + "y = Slice(x) starts=[1] ends=[3] axes=[1]" + Y, 9);
        data.Add(X + "y = Pad(x) pads=[0,1,0,1]" + Y, 10);
        return data;
    }

    /// <summary>
    /// Returns models whose items depend on each other, or may depend: the text of the model, a part of the expected reason, and the opset.
    /// </summary>
    public static TheoryData<string, string, int> Dependent()
    {
        var data = new TheoryData<string, string, int>();
        foreach (var (text, reason) in ((string, string)[])[
            (X + "y = Softmax(x) axis=0" + Y, "Softmax that computes \"y\": it computes over the items"),
            (X + "t = Transpose(x) perm=[1,0]; s = Softmax(t) axis=-1; y = Transpose(s) perm=[1,0]" + Y, "it computes over the items"),
            (X + "y = ReduceMean(x) axes=[0]" + Y, "ReduceMean"),
            (X + "m = ReduceMean(x); y = Sub(x, m)" + Y, "ReduceMean that computes \"m\""),
            (X + "const axis i64[] 0; y = CumSum(x, axis)" + Y, "CumSum"),
            (X + "const axes i64[2] 0 1; m = ReduceSum(x, axes); y = Div(x, m)" + Y, "ReduceSum"),
            (X + "const shape i64[2] 4 -1; r = Reshape(x, shape); s = Softmax(r); const back i64[2] -1 4; y = Reshape(s, back)" + Y,
                "Reshape that computes \"r\""),
            (X + "const shape i64[2] 1 4; y = Reshape(x, shape)" + Y, "does not contain the number of items"),
            (X + "const w f32[5,3]; t = Transpose(x); h = MatMul(x, t); y = Relu(h)" + Y, "it multiplies every item by every other item"),
            (X + "t = Transpose(x); y = MatMul(t, x)" + Y, "it sums over the items"),
            (X + "const b f32[3,4]; y = Add(x, b)" + Y, "has the size 3 on the axis of the items"),
            (X + "const i i64[2] 0 0; y = Gather(x, i) axis=0" + Y, "it selects elements on the axis of the items"),
            (X + "in i i64[n]; g = Gather(x, i) axis=0; y = Add(g, x)" + Y, "each item selects from every item"),
            (X + "const r i64[2] 2 1; y = Tile(x, r)" + Y, "it repeats the items' axis"),
            (X + "const c f32[1,4]; y = Concat(c, x) axis=0" + Y, "it adds elements along the axis of the items"),
            (X + "const s i64[1] 0; const e i64[1] 1; const a i64[1] 0; y = Slice(x, s, e, a)" + Y, "it selects only some of the items"),
            (X + "const s i64[1] -1; const e i64[1] -9223372036854775807; const a i64[1] 0; const b i64[1] -1; y = Slice(x, s, e, a, b)"
                + Y, "it selects only some of the items"),
            (X + "const s i32[1] 0; const b i64[1] 9223372036854775807; e = Cast(b) to=6; const a i32[1] 0; y = Slice(x, s, e, a)" + Y,
                "it selects only some of the items"),
            (X + "const p i64[4] 1 0 0 0; y = Pad(x, p)" + Y, "it adds or removes elements along the axis of the items"),
            (X + "const k i64[1] 1; y, i = TopK(x, k) axis=0" + Y, "it selects elements on the axis of the items"),
            (X + "y, s, z = DynamicQuantizeLinear(x); out y u8[n,4]", "DynamicQuantizeLinear"),
            (X + "y = RandomNormalLike(x)" + Y, "RandomNormalLike"),
            (X + "const ratio f32[] 0.5; const t bool[] 1; y = Dropout(x, ratio, t)" + Y, "its result is random"),
            (X + "y = Einsum(x, x) equation='bi,ci->bc'" + Y, "the items have different labels"),
            (X + "y = Einsum(x) equation='bi->i'; out y f32[m]", "it sums over the items"),
            (X + "const z f32[3,4]; y = Einsum(x, z) equation='bi,bi->bi'" + Y, "an input without items has the label of the items"),
            (X + "i = NonZero(x); y = Transpose(i); out y i64[n,2]", "the number of elements that it finds depends on the items"),
            (X + "s = Shape(x); const zero i64[] 0; n = Gather(s, zero); const one i64[] 1; r = Range(zero, n, one); f = Cast(r) to=1; "
                + "const a i64[1] 1; u = Unsqueeze(f, a); y = Add(x, u)" + Y,
                "Range that computes \"r\": its start, limit or step depends on the items"),
            (X + "s = Shape(x); const zero i64[] 0; n = Gather(s, zero); f = Cast(n) to=1; y = Div(x, f)" + Y,
                "its result depends on the number of items"),
            (X + "y, i = Unique(x) axis=0" + Y, "Unique"),
            (X + "const c bool[2] 1 0; y = Compress(x, c) axis=0" + Y, "Compress"),
            (X + "y = Squeeze(x); out y f32[m]", "the axis of the items may have this size"),
            (X + "y = Identity(x); z = ReduceMean(x) axes=[0]; out z f32[1,4]" + Y, "ReduceMean"),
            (X + "const y f32[2,2]; z = Relu(x); out z f32[n,4]; out y f32[2,2]", "has no axis for the items"),
            (X + "const shape i64[1] -1; y = Reshape(x, shape); out y f32[m]", "an item has several rows"),
            (X + "const shape i64[3] -1 4 1; r = Reshape(x, shape); t = Transpose(r) perm=[1,0,2]; y = Add(r, t); out y f32[n,4,m]",
                "the items lie on different axes"),
            ("in x f32[s,2,3]; const w f32[1,8,3]; const r f32[1,8,2]; y, h = LSTM(x, w, r) hidden_size=2; out y f32[s,1,2,2]",
                "it iterates over the items"),
            ("in x f32[2,4]; y = Relu(x); out y f32[2,4]", "No input has a dynamic dimension"),
            ("in x f32[?]; y = Relu(x); out y f32[?]", "Input \"x\" has no declared shape"),
            (Image + "const s f32[8]; const b f32[8]; t = Transpose(x) perm=[1,0,2,3]; y = InstanceNormalization(t, s, b); out y "
                + "f32[3,n,8,8]", "InstanceNormalization"),
            (Image + "const scales f32[4] 2 1 1 1; y = Resize(x, _, scales); out y f32[m,3,8,8]", "it resizes the items' axis"),
            (Image + "p, y = MaxPool(x) kernel_shape=[2,2]; out y i64[n,3,7,7]", "its indices count from the first item of the run"),
        ])
        {
            data.Add(text, reason, 17);
        }

        data.Add(X + "y = Softmax(x) axis=0" + Y, "it computes over the items", 11);
        return data;
    }
}
