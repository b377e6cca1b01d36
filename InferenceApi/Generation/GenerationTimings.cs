namespace Factory.InferenceApi.Generation;

/// <summary>Where the time went, in seconds.</summary>
/// <param name="Waiting">In the queue.</param>
/// <param name="FirstToken">From the start of decoding to the first token: mostly the prompt.</param>
/// <param name="Total">From the start of decoding to the last token.</param>
/// <param name="TokensPerSecond">Generated tokens by Total.</param>
internal sealed record GenerationTimings(double Waiting, double FirstToken, double Total, double TokensPerSecond);
