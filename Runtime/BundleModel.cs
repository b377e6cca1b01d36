namespace Factory.Runtime;

/// <summary>A bundle in its session as <see cref="IProbedModel"/>.</summary>
/// <param name="model">Disposed with this one.</param>
/// <param name="more">Disposed after it; null for nothing.</param>
public sealed class BundleModel(LanguageModel model, IDisposable? more = null) : IProbedModel
{
    public float[] Logits(int[] ids) => model.Logits(ids);

    public float[] DecodeLast(int[] ids)
    {
        using KvCache cache = model.NewCache(ids.Length);
        model.Append(cache, ids[..^1]);
        return model.Append(cache, ids[^1..]);
    }

    public void Dispose()
    {
        model.Dispose();
        more?.Dispose();
    }
}
