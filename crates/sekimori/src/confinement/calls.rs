//! System calls that a relay makes, permitted by seccomp. Of the others most are answered ENOSYS, as by
//! a kernel that does not know them, so that the C library takes another way where it has one; those
//! that only somebody who has taken the process over would make end it.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

/// Files, memory, sockets, time, signals and threads, on every architecture.
const PERMITTED: &[i64] = &[
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_bind,
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_connect,
    libc::SYS_copy_file_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fadvise64,
    libc::SYS_fallocate,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_fcntl,
    libc::SYS_fdatasync,
    libc::SYS_flock,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpeername,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_ioctl,
    libc::SYS_linkat,
    libc::SYS_listen,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mkdirat,
    libc::SYS_mmap,
    libc::SYS_mremap,
    libc::SYS_msync,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_prlimit64,
    libc::SYS_pselect6,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_recvfrom,
    libc::SYS_recvmmsg,
    libc::SYS_recvmsg,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sendfile,
    libc::SYS_sendmmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
    libc::SYS_sigaltstack,
    libc::SYS_socketpair,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_sysinfo,
    libc::SYS_tgkill,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_umask,
    libc::SYS_uname,
    libc::SYS_unlinkat,
    libc::SYS_utimensat,
    libc::SYS_write,
    libc::SYS_writev,
];

/// What sanitizing takes: memory, its two ends of a socket, time, and the end.
#[cfg(feature = "internet")]
const WORKER: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
    libc::SYS_tgkill,
    libc::SYS_write,
    libc::SYS_writev,
];

/// Older forms of some of these, which only this architecture has.
#[cfg(target_arch = "x86_64")]
const PERMITTED_HERE: &[i64] = &[
    libc::SYS_access,
    libc::SYS_chmod,
    libc::SYS_dup2,
    libc::SYS_epoll_wait,
    libc::SYS_getrlimit,
    libc::SYS_link,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_rmdir,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_time,
    libc::SYS_unlink,
];
#[cfg(not(target_arch = "x86_64"))]
const PERMITTED_HERE: &[i64] = &[];

/// What a relay never does and an intruder wants first: run a program, look into another process,
/// change what the machine is.
const DEADLY: &[i64] = &[
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_delete_module,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_perf_event_open,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setns,
    libc::SYS_swapon,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// Sockets for mail and its look-ups: the netlink one is how the C library sorts addresses.
const FAMILIES: [i32; 4] = [libc::AF_INET, libc::AF_INET6, libc::AF_UNIX, libc::AF_NETLINK];

/// Of prctl(2): names of threads and of memory.
const PROCESS_CONTROLS: [i32; 2] = [libc::PR_SET_NAME, libc::PR_SET_VMA];

/// Puts both filters in force for this thread and those that it starts, or says why not.
pub(super) fn restrict() -> Result<(), String> {
    let programs = deadly().and_then(|deadly| Ok([deadly, permitted()?]));
    for program in programs.map_err(|error| error.to_string())? {
        // Forbids new privileges as well.
        apply_filter(&program).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Puts the filters of a worker in force, or says why not.
#[cfg(feature = "internet")]
pub(super) fn restrict_worker() -> Result<(), String> {
    let programs = deadly().and_then(|deadly| {
        let rules = narrowed(WORKER.iter().map(|&call| (call, Vec::new())).collect())?;
        Ok([deadly, only(rules)?])
    });
    for program in programs.map_err(|error| error.to_string())? {
        apply_filter(&program).map_err(|error| error.to_string())?;
    }
    Ok(())
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn deadly() -> Result<BpfProgram, BackendError> {
    let rules: Rules = DEADLY.iter().map(|&call| (call, Vec::new())).collect();
    program(rules, SeccompAction::Allow, SeccompAction::KillProcess)
}

fn permitted() -> Result<BpfProgram, BackendError> {
    let always = PERMITTED.iter().chain(PERMITTED_HERE);
    let mut rules = narrowed(always.map(|&call| (call, Vec::new())).collect())?;
    rules.insert(libc::SYS_socket, one_of(&FAMILIES)?);
    only(rules)
}

/// With the calls that are permitted in a part of their forms.
fn narrowed(mut rules: Rules) -> Result<Rules, BackendError> {
    // A thread, and no process. The newer clone3 hides its flags in memory: the C library goes back to
    // this one when it is not there.
    let thread = libc::CLONE_THREAD.unsigned_abs().into();
    rules.insert(libc::SYS_clone, vec![with_flags(0, thread, thread)?]);
    // Memory that was written to does not become code.
    let executable = libc::PROT_EXEC.unsigned_abs().into();
    rules.insert(libc::SYS_mprotect, vec![with_flags(2, executable, 0)?]);
    rules.insert(libc::SYS_prctl, one_of(&PROCESS_CONTROLS)?);
    Ok(rules)
}

fn only(rules: Rules) -> Result<BpfProgram, BackendError> {
    program(rules, SeccompAction::Errno(libc::ENOSYS.unsigned_abs()), SeccompAction::Allow)
}

fn program(
    rules: Rules,
    otherwise: SeccompAction,
    then: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, otherwise, then, architecture)?.try_into()
}

/// A rule on the bits `mask` of an argument.
fn with_flags(argument: u8, mask: u64, value: u64) -> Result<SeccompRule, BackendError> {
    let length = SeccompCmpArgLen::Qword;
    let is = SeccompCondition::new(argument, length, SeccompCmpOp::MaskedEq(mask), value)?;
    SeccompRule::new(vec![is])
}

/// Rules of which one has to match: the first argument is one of these.
fn one_of(values: &[i32]) -> Result<Vec<SeccompRule>, BackendError> {
    let rule = |&value: &i32| {
        let value = value.unsigned_abs().into();
        let is = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)?;
        SeccompRule::new(vec![is])
    };
    values.iter().map(rule).collect()
}
