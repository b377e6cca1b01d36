using System.Net;
using Polly;
using Polly.Retry;

namespace Factory.Evals.Models.Http;

/// <summary>Asks again where a server is busy or a connection breaks: up to <see cref="Attempts"/> times, waiting as long as Retry-After says, else longer each time.</summary>
public sealed class RetryHandler : DelegatingHandler
{
    private const int Attempts = 5;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;

    /// <param name="firstDelay">Wait before the second attempt.</param>
    public RetryHandler(HttpMessageHandler inner, TimeSpan firstDelay) : base(inner) => _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = Attempts,
            Delay = firstDelay,
            MaxDelay = Longest,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = outcome => ValueTask.FromResult(outcome.Outcome switch
            {
                { Exception: HttpRequestException or IOException } => true,
                { Result.StatusCode: HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout } => true,
                _ => false,
            }),
            DelayGenerator = outcome => ValueTask.FromResult(outcome.Outcome.Result?.Headers.RetryAfter?.Delta is TimeSpan delta ? TimeSpan.FromTicks(Math.Min(delta.Ticks, Longest.Ticks)) : (TimeSpan?)null),
            OnRetry = outcome =>
            {
                outcome.Outcome.Result?.Dispose();
                return default;
            },
        })
        .Build();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        await _pipeline.ExecuteAsync(async token => await base.SendAsync(request, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
}
