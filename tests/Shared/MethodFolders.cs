namespace Factory.Tests;

/// <summary>The methods of which an independent implementation's values lie in the reference data.</summary>
public static class MethodFolders
{
    /// <summary>Those whose tokens see only what stands before them, which can be exported.</summary>
    public static TheoryData<string> Causal =>
    [
        "pre", "lns", "post", "sandwich", "layerscale", "layerscale-as-run", "deepnorm", "deepnorm-as-run", "mix", "admin", "admin-as-run", "group", "skipinit",
    ];

    public static TheoryData<string> All => [.. Causal, "group-as-run"];
}
