namespace Factory.Trainer.Kernels;

/// <summary>The body of a parallel loop: a struct of pointers and sizes, so that nothing is allocated.</summary>
internal interface ILoopBody
{
    /// <summary>Does the items from <paramref name="begin"/> to before <paramref name="end"/>. It must not throw: it runs on libtorch's threads.</summary>
    void Run(long begin, long end);
}
