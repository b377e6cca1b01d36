using System.Runtime.CompilerServices;
using Factory.Core;
using Factory.Evals.Models;
using Factory.Evals.Requests;

namespace Factory.Evals.Tests.Models;

public sealed class CachedLanguageModelTests : IDisposable
{
    private static readonly EvaluationRequest[] Requests =
    [
        new LogLikelihoodRequest("a", " b"), new LogLikelihoodRequest("a", " c"), new LogLikelihoodRequest("a", " b"),
        new RollingRequest("text"), new GenerationRequest("a", ["\n"], 3), new GenerationRequest("a", ["."], 3),
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_was_answered_before_is_not_asked_again_nor_is_the_same_request_twice()
    {
        IReadOnlyList<EvaluationResponse> first = await AskAsync(new CountingModel(), expectedAsked: 5);
        IReadOnlyList<EvaluationResponse> second = await AskAsync(new CountingModel(), expectedAsked: 0);
        Assert.Equal(first, second);
        Assert.Equal(first[0], first[2]);
        Assert.NotEqual(first[4], first[5]);
    }

    [Fact]
    public async Task Another_bundle_is_asked_everything()
    {
        await AskAsync(new CountingModel(), expectedAsked: 5);
        await AskAsync(new CountingModel { Description = new ModelDescription("counting", BundleSha256: "other") }, expectedAsked: 5);
    }

    [Fact]
    public async Task Answers_before_a_failure_are_kept()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(new CountingModel { FailsAfter = 2 }, expectedAsked: 2));
        await AskAsync(new CountingModel(), expectedAsked: 3);
    }

    [Fact]
    public async Task A_refusal_names_the_request_by_its_place_in_the_whole_list()
    {
        await AskAsync(new CountingModel(), expectedAsked: 1, [Requests[0]]);
        RequestError error = await Assert.ThrowsAsync<RequestError>(() => AskAsync(new CountingModel { Refuses = new RollingRequest("text") }, expectedAsked: 2));
        Assert.Equal(3, error.Request);
    }

    [Fact]
    public void A_file_that_is_no_cache_is_named()
    {
        File.WriteAllText(_folder.At("cache.db"), "not a database, but long enough to be taken for one by its size alone".PadRight(4096, '.'));
        SettingError error = Assert.Throws<SettingError>(() => ResponseCache.Open(_folder.At("cache.db"), new ModelDescription("m")));
        Assert.Equal("cache", error.Setting);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<IReadOnlyList<EvaluationResponse>> AskAsync(CountingModel model, int expectedAsked, EvaluationRequest[]? requests = null)
    {
        using ResponseCache cache = ResponseCache.Open(_folder.At("cache.db"), model.Description);
        try
        {
            return await new CachedLanguageModel(model, cache).AskAllAsync(requests ?? Requests, progress: null, TestContext.Current.CancellationToken);
        }
        finally
        {
            Assert.Equal(expectedAsked, model.Asked);
        }
    }

    /// <summary>Answers the last request first, and differently each time it is asked.</summary>
    private sealed class CountingModel : ILanguageModel
    {
        public ModelDescription Description { get; init; } = new("counting", BundleSha256: "one");

        public int FailsAfter { get; init; } = int.MaxValue;

        public EvaluationRequest? Refuses { get; init; }

        public int Asked { get; private set; }

        public async IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach ((int place, EvaluationRequest request) in requests.Index().Reverse())
            {
                await Task.Yield();
                if (request.Equals(Refuses))
                {
                    throw new RequestError(place, "no");
                }
                if (Asked == FailsAfter)
                {
                    throw new InvalidOperationException("broken");
                }
                Asked++;
                yield return new Answer(place, request switch
                {
                    LogLikelihoodRequest => new LogLikelihoodResponse(-Asked - 0.1, Asked % 2 == 0, Asked),
                    RollingRequest => new RollingResponse(-Asked - 0.2, Asked),
                    _ => new GenerationResponse($"{Asked}"),
                });
            }
        }
    }
}
