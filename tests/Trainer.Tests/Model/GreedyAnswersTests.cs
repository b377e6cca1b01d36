using Factory.Trainer.Model;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

public sealed class GreedyAnswersTests
{
    [Fact]
    public void A_row_is_exact_where_every_label_that_counts_is_the_most_likely_token()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        Tensor hidden = randn([4, 6, 8], generator: generator);
        using var head = new Parameter(randn([11, 8], generator: generator));
        Tensor likeliest = nn.functional.linear(hidden, head).argmax(-1); // (batch, time)
        Tensor labels = full([4, 6], CrossEntropy.Ignored, ScalarType.Int64);
        foreach ((int row, int time) in new[] { (0, 2), (0, 3), (1, 5), (2, 0), (2, 1), (3, 4) })
        {
            labels[row, time] = likeliest[row, time];
        }
        Assert.Equal(4, GreedyAnswers.CountExact(hidden, head, labels));
        labels[2, 1] = (likeliest[2, 1] + 1) % 11;
        Assert.Equal(3, GreedyAnswers.CountExact(hidden, head, labels));
        labels[2, 0] = (likeliest[2, 0] + 1) % 11;
        labels[3, 4] = (likeliest[3, 4] + 1) % 11;
        Assert.Equal(2, GreedyAnswers.CountExact(hidden, head, labels));
    }
}
