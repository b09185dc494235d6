//! Machines of several kinds, as their kernels describe them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

fn machine(files: &[(&str, &str)]) -> Machine {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Machine::read(&dir.path().join("proc"), &dir.path().join("cgroup"))
}

const MEMORY: (&str, &str) =
    ("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\nMemAvailable:    8192 kB\n");

#[test]
fn a_machine_is_described_and_a_container_by_its_share() {
    let cpu = ("proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD EPYC\nprocessor\t: 1\n");
    let card =
        ("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA T4\nIRQ: 1\n");
    let whole = machine(&[MEMORY, cpu, card, ("cgroup/memory.max", "max\n")]);
    assert_eq!((whole.cpu.as_str(), whole.gpu.as_deref()), ("AMD EPYC", Some("NVIDIA T4")));
    assert_eq!((whole.memory_bytes, whole.free_memory_bytes), (16 << 20, 8 << 20));
    let share =
        [MEMORY, ("cgroup/memory.max", "4194304\n"), ("cgroup/memory.current", "1048576\n")];
    let share = machine(&share);
    assert_eq!((share.memory_bytes, share.free_memory_bytes), (4 << 20, 3 << 20));
}

#[test]
fn what_is_not_told_is_unknown() {
    let silent = machine(&[]);
    assert_eq!((silent.cpu.as_str(), silent.memory_bytes, silent.gpu), ("unknown", 0, None));
    let board = machine(&[("proc/cpuinfo", "processor : 0\nModel : Raspberry Pi 5\n")]);
    assert_eq!(board.cpu, "Raspberry Pi 5");
    assert!(Machine::look().processors > 0);
    assert!(resident_bytes(std::process::id()).is_none_or(|bytes| bytes > 1 << 20));
}
